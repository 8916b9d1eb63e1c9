-- My latest operation that is not undone, wholly or in part. An undo is never undone, and a note changed nothing.
select id, at, who, verb, reason, summary, n, target::text as target, undoes, undone_by
from seqconsole.operations o
where o.who = :'who' and o.undoes is null and o.undone_by is null and o.verb <> 'note'
  and not exists (select 1 from seqconsole.operations u where u.undoes = o.id)
order by o.id desc
limit 1;
