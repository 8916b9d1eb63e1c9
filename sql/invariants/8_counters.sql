-- DESIGN 10.8: counters and unread deltas together equal a recount.
with shown as (
    select scope, key, step_id, state, sum(n) as n
    from (
        select scope, key, step_id, state, n from seqconsole.counters
        union all
        select d ->> 0, (d ->> 1)::uuid, (d ->> 2)::uuid, d ->> 3, (d ->> 4)::bigint
        from seqconsole.changes c, jsonb_array_elements(c.delta) as d
    ) b
    group by 1, 2, 3, 4
),
truth as (
    select 'device' as scope, coalesce(device_id, '00000000-0000-0000-0000-000000000000') as key,
           '00000000-0000-0000-0000-000000000000'::uuid as step_id,
           seqconsole.message_state(status::text) as state, count(*) as n
    from broadcast_messages group by 1, 2, 3, 4
    union all
    select 'step', coalesce(sequence_id, '00000000-0000-0000-0000-000000000000'),
           coalesce(sequence_stepid, '00000000-0000-0000-0000-000000000000'),
           seqconsole.contact_state(status::text), count(*)
    from sequence_contacts group by 1, 2, 3, 4
    union all
    select 'receipt', step_id, '00000000-0000-0000-0000-000000000000'::uuid, receipt::text, count(*)
    from seqconsole.deliveries
    where receipt is not null and step_id <> message_id
    group by 1, 2, 3, 4
    union all
    select 'reply', coalesce(sequence_id, '00000000-0000-0000-0000-000000000000'),
           '00000000-0000-0000-0000-000000000000'::uuid, kind::text, count(*)
    from seqconsole.replies
    group by 1, 2, 3, 4
)
select scope, key, step_id, state, shown.n as shown, truth.n as truth
from shown full join truth using (scope, key, step_id, state)
where coalesce(shown.n, 0) <> coalesce(truth.n, 0);
