-- Running sequences that nothing lets a contact into.
with
-- include: doctor/active_sequences
select count(*) over () as total, array[id::text] as ids, null::text as phone, name::text as detail, null::text as statement
from running
where trigger is null
order by id
limit :'limit'::int;
