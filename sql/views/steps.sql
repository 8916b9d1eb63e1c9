-- Steps with the states of their contact rows: counters plus unread deltas (DESIGN 5). NULL = of all sequences.
with counted as materialized (
    select key as sequence_id, step_id, state, sum(n) as n
    from (
        select key, step_id, state, n from seqconsole.counters where scope = 'step' and n <> 0
        union all
        select (d ->> 1)::uuid, (d ->> 2)::uuid, d ->> 3, (d ->> 4)::bigint
        from seqconsole.changes c, jsonb_array_elements(c.delta) as d
        where c.kind = 'counters' and d ->> 0 = 'step'
    ) unread
    where :'sequence_id'::uuid is null or key = :'sequence_id'::uuid
    group by key, step_id, state
)
select s.sequence_id, left(coalesce(q.name::text, ''), 500) as sequence_name, s.id as step_id, s.day_number,
       s.trigger_delay_hours as delay_hours, n.*
from sequence_steps s
join sequences q on q.id = s.sequence_id
cross join lateral (
    select coalesce(sum(n) filter (where state = 'pending'), 0)::bigint as pending,
           coalesce(sum(n) filter (where state = 'active'), 0)::bigint as active,
           coalesce(sum(n) filter (where state = 'completed'), 0)::bigint as completed,
           coalesce(sum(n) filter (where state = 'failed'), 0)::bigint as failed,
           coalesce(sum(n) filter (where state = 'skipped'), 0)::bigint as skipped,
           coalesce(sum(n) filter (where state = 'other'), 0)::bigint as other,
           coalesce(sum(n), 0)::bigint as total
    from counted c
    where c.sequence_id = s.sequence_id and c.step_id = s.id
) n
where :'sequence_id'::uuid is null or s.sequence_id = :'sequence_id'::uuid
order by q.name, s.sequence_id, s.day_number nulls last, s.id;
