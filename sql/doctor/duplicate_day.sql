-- Rows of one sequence, person and day number with different steps, of which one is empty or not there.
with
-- include: doctor/contact
, placed as (
    select c.id, c.sequence_id, c.person, c.status, c.step_id, s.id is not null as known,
           coalesce(s.day_number, c.current_step) as day
    from contact c
    left join sequence_steps s on s.id = c.step_id and s.sequence_id = c.sequence_id
    where c.sequence_id is not null and c.person is not null
),
shared as (
    select sequence_id, person, day, array_agg(id::text order by id) as ids, string_agg(distinct status, ', ') as states
    from placed
    where day is not null
    group by sequence_id, person, day
    having count(*) > 1 and not bool_and(known)
       and count(distinct coalesce(step_id, '00000000-0000-0000-0000-000000000000')) > 1
)
select count(*) over () as total, ids[1 : 20] as ids, person as phone,
       format('%s rows for day %s: %s', cardinality(ids), day, states) as detail, null::text as statement
from shared
order by ids
limit :'limit'::int;
