-- More than one key over the same three columns; the first by name of those with a constraint may stay.
with
-- include: doctor/contact_keys
, ranked as (
    select *, row_number() over (order by constraint_name is null, name <> 'uk_sequence_contact_stepid', name) as place
    from judged_key where inferable
)
select count(*) over () as total, array[name] as ids, null::text as phone, definition as detail, removal as statement
from ranked
where place > 1
order by name
limit :'limit'::int;
