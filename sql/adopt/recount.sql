-- Count again, in one REPEATABLE READ snapshot: what the snapshot sees replaces counters and unread deltas alike.
with unread as (
    update seqconsole.changes set delta = '[]' where delta <> '[]'
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
version as materialized (select nextval('seqconsole.version') as v),
vanished as (
    update seqconsole.counters c set n = 0, version = v
    from version
    where c.n <> 0 and not exists (
        select 1 from truth t where (t.scope, t.key, t.step_id, t.state) = (c.scope, c.key, c.step_id, c.state))
    returning 1
),
written as (
    insert into seqconsole.counters as c (scope, key, step_id, state, n, version)
    select scope, key, step_id, state, n, v from truth, version
    on conflict (scope, key, step_id, state) do update
    set n = excluded.n, version = excluded.version
    where c.n <> excluded.n
    returning 1
)
select (select count(*) from vanished) + (select count(*) from written) as wrong;
