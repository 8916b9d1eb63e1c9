-- The steps of a sequence as they stand, and what speaks for an order: day number, then when their contacts are due.
-- :'sequence' is the sequence; unlinked counts rows that name no step and carry the step's day.
select s.id, s.day_number::int as day_number, coalesce(left(coalesce(s.content::text, s.caption::text), 60), '') as text,
       coalesce(u.n, 0)::int as unlinked
from sequence_steps s
left join (
    select c.sequence_stepid as step_id, percentile_disc(0.5) within group (order by c.next_trigger_time) as due
    from sequence_contacts c
    where c.sequence_id = :'sequence'::uuid
    group by c.sequence_stepid
) d on d.step_id = s.id
left join (
    select c.current_step as day, count(*) as n
    from sequence_contacts c
    where c.sequence_id = :'sequence'::uuid
      and not exists (select 1 from sequence_steps x where x.id = c.sequence_stepid and x.sequence_id = c.sequence_id)
    group by c.current_step
) u on u.day = s.day_number
where s.sequence_id = :'sequence'::uuid
order by s.day_number nulls last, d.due nulls last, s.id;
