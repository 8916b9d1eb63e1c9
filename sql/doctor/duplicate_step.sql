-- Groups of rows of one sequence, person and step, the phone spelt alike.
with
-- include: doctor/contact
,
-- include: doctor/duplicate_groups
select count(*) over () as total, ids[1 : 20] as ids, person as phone, format('%s rows: %s', rows, states) as detail,
       null::text as statement
from duplicate
where spellings < rows
order by ids
limit :'limit'::int;
