-- Rows of one sequence, person and day number with different steps, of which an open one is empty or not there.
with
-- include: doctor/contact
, odd as materialized (
    select distinct c.sequence_id, c.person, c.current_step as day
    from contact c
    left join sequence_steps s on s.id = c.step_id and s.sequence_id = c.sequence_id
    where s.id is null and c.status not in ('completed', 'skipped') and c.sequence_id is not null and c.person is not null and c.current_step is not null
),
shared as (
    select o.sequence_id, o.person, o.day, array_agg(c.id::text order by c.id) as ids,
           string_agg(distinct c.status, ', ') as states
    from odd o
    join contact c on c.sequence_id = o.sequence_id and c.person = o.person
    left join sequence_steps s on s.id = c.step_id and s.sequence_id = c.sequence_id
    where coalesce(s.day_number, c.current_step) = o.day
    group by o.sequence_id, o.person, o.day
    having count(distinct coalesce(c.step_id, '00000000-0000-0000-0000-000000000000')) > 1
)
select count(*) over () as total, ids[1 : 20] as ids, person as phone,
       format('%s rows for day %s: %s', cardinality(ids), day, states) as detail, null::text as statement
from shared
order by ids
limit :'limit'::int;
