-- Unique keys that allow a contact fewer rows than it has steps.
with
-- include: doctor/contact_keys
select count(*) over () as total, array[name] as ids, null::text as phone,
       'unique over ' || array_to_string(columns, ', ') as detail, removal as statement
from judged_key
where valid and not partial and not expression and not columns && array['sequence_stepid', 'id']
order by name
limit :'limit'::int;
