-- Groups of rows of one sequence, person and step, under several spellings of the phone, where the step is known.
-- Of two spellings one at least is not the key itself: those rows are looked for, then what stands beside them.
with
-- include: doctor/contact
, odd as materialized (
    select * from contact
    where (phone !~ '^[1-9][0-9]{6,13}$' or starts_with(phone, :'country'::text || '0')) and person <> phone
      and sequence_id is not null and step_id in (select id from sequence_steps)
),
spelt as (
    select id, sequence_id, step_id, person, phone, status from odd
    union all
    select c.id, c.sequence_id, c.sequence_stepid, o.person, c.contact_phone::text, lower(c.status::text)
    from (select distinct sequence_id, step_id, person from odd) o
    join sequence_contacts c on c.sequence_id = o.sequence_id and c.sequence_stepid = o.step_id and c.contact_phone = o.person
),
duplicate as (
    select sequence_id, step_id, person, count(*) as rows, count(distinct phone) as spellings,
           array_agg(id::text order by id) as ids, string_agg(distinct status, ', ') as states
    from spelt
    group by sequence_id, step_id, person
    having count(distinct phone) > 1
)
select count(*) over () as total, ids[1 : 20] as ids, person as phone,
       format('%s rows under %s spellings: %s', rows, spellings, states) as detail, null::text as statement
from duplicate
order by ids
limit :'limit'::int;
