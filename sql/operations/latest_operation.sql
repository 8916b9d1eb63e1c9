-- My latest operation that can be undone and is not, wholly or in part. An undo is never undone; a note and a
-- reconnection changed nothing of ours.
select id, at, who, verb, reason, summary, n, target::text as target, undoes, undone_by
from seqconsole.operations o
where o.who = :'who' and o.undoes is null and o.undone_by is null and o.verb not in ('note', 'reconnect')
  and not exists (select 1 from seqconsole.operations u where u.undoes = o.id)
order by o.id desc
limit 1;
