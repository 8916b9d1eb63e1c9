-- Counters and unread deltas against the rows, in one REPEATABLE READ snapshot. A counter that drifted is corrected by
-- its drift, so that what the roll-up adds meanwhile stays right; where it changed meanwhile, this fails (40001).
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
    from broadcast_messages
    group by 1, 2, 3, 4
    union all
    select 'step', coalesce(sequence_id, '00000000-0000-0000-0000-000000000000'),
           coalesce(sequence_stepid, '00000000-0000-0000-0000-000000000000'),
           seqconsole.contact_state(status::text), count(*)
    from sequence_contacts
    group by 1, 2, 3, 4
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
),
drift as materialized (
    select scope, key, step_id, state, coalesce(truth.n, 0) - coalesce(shown.n, 0) as n
    from shown full join truth using (scope, key, step_id, state)
    where coalesce(shown.n, 0) <> coalesce(truth.n, 0)
),
repaired as (
    insert into seqconsole.counters as c (scope, key, step_id, state, n, version)
    select scope, key, step_id, state, n, nextval('seqconsole.version') from drift
    on conflict (scope, key, step_id, state) do update
    set n = c.n + excluded.n, version = excluded.version
),
noted as (
    insert into seqconsole.findings (kind, key, ids, detail, since, version)
    select 'drift', 'counters', array(select distinct key from drift limit 100),
           jsonb_build_object('counters', count(*), 'rows', sum(abs(n)),
                              'worst', (select jsonb_agg(jsonb_build_array(w.scope, w.key, w.step_id, w.state, w.n))
                                        from (select * from drift order by abs(n) desc, key limit 10) w)),
           :'now'::timestamptz, nextval('seqconsole.version')
    from drift
    having count(*) > 0
    on conflict (kind, key) do update
    set ids = excluded.ids, detail = excluded.detail, since = excluded.since, version = excluded.version
)
select count(*) from drift;
