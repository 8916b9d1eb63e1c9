-- Groups of rows of one sequence, person and step, under several spellings of the phone.
with
-- include: doctor/contact
,
-- include: doctor/duplicate_groups
select count(*) over () as total, ids[1 : 20] as ids, person as phone,
       format('%s rows under %s spellings: %s', rows, spellings, states) as detail, null::text as statement
from duplicate
where spellings > 1
order by ids
limit :'limit'::int;
