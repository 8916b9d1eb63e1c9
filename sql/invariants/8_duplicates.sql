-- DESIGN 5, counters: the duplicate groups shown are the duplicate groups there are (with the feed read).
with truth as (
    select c.sequence_id::text || '|' || seqconsole.phone_key(c.contact_phone) || '|' || c.sequence_stepid::text as key
    from sequence_contacts c
    where c.sequence_id is not null and seqconsole.phone_key(c.contact_phone) is not null
      and exists (select 1 from sequence_steps s where s.id = c.sequence_stepid)
    group by c.sequence_id, seqconsole.phone_key(c.contact_phone), c.sequence_stepid
    having count(*) > 1
)
select t.key as missing, f.key as stale
from truth t
full join (select key from seqconsole.findings where kind = 'duplicate') f on f.key = t.key
where (t.key is null or f.key is null)
  and not exists (select 1 from seqconsole.changes where kind in ('contacts', 'sequences'));
