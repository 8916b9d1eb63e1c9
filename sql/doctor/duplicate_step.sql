-- Groups of rows of one sequence, phone as it is written, and step, where the step is known.
with duplicate as (
    select sequence_id, contact_phone::text as phone, sequence_stepid, count(*) as rows,
           array_agg(id::text order by id) as ids, string_agg(distinct status::text, ', ') as states
    from sequence_contacts
    where sequence_id is not null and contact_phone is not null and sequence_stepid in (select id from sequence_steps)
    group by sequence_id, contact_phone, sequence_stepid
    having count(*) > 1
)
select count(*) over () as total, ids[1 : 20] as ids, phone, format('%s rows: %s', rows, states) as detail,
       null::text as statement
from duplicate
order by ids
limit :'limit'::int;
