-- What is not yet held by the operator without an end: pausing the rest again changes nothing.
select k.key
from (select distinct key collate "C" as key from unnest(:'keys'::text[]) as k(key)) k
left join seqconsole.holds h on h.scope = :'scope' and h.key = k.key and h.holder = 'operator'
where h.until is distinct from 'infinity'
order by k.key;
