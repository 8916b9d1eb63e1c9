-- A step by its id.
select s.id::text as key, coalesce(q.name::text, '?') || ' day ' || coalesce(s.day_number::text, '?') as name, true as exact
from sequence_steps s
left join sequences q on q.id = s.sequence_id
where s.id::text = lower(:'text');
