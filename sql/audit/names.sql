-- What people call the steps, sequences and devices with these ids.
with
-- include: audit/sources/steps
,
-- include: audit/sources/sequences
,
-- include: audit/sources/devices
select s.id, coalesce(q.name, s.sequence_id) || ', day ' || coalesce(s.day::text, '?') as name
from steps s
left join sequences q on q.id = s.sequence_id
where s.id = any(:'ids'::text[])
union all
select id, name from sequences where id = any(:'ids'::text[]) and name is not null
union all
select id, name from devices where id = any(:'ids'::text[]) and name is not null;
