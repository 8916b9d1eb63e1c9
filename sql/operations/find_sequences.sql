-- A sequence by its id or name: the exact name before one that differs in case.
select q.id::text as key, coalesce(q.name::text, q.id::text) as name,
       q.id::text = lower(:'text') or q.name::text = :'text' as exact
from sequences q
where q.id::text = lower(:'text') or lower(q.name::text) = lower(:'text')
order by exact desc, q.id
limit 20;
