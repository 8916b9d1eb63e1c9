-- Sequences with the states of all their contact rows; `unlinked` = those of them without a step of this sequence.
with counted as materialized (
    select key as sequence_id, step_id, state, sum(n) as n
    from (
        select key, step_id, state, n from seqconsole.counters where scope = 'step' and n <> 0
        union all
        select (d ->> 1)::uuid, (d ->> 2)::uuid, d ->> 3, (d ->> 4)::bigint
        from seqconsole.changes c, jsonb_array_elements(c.delta) as d
        where c.kind = 'counters' and d ->> 0 = 'step'
    ) unread
    group by key, step_id, state
),
figures as materialized (
    select c.sequence_id,
           coalesce(sum(n) filter (where state = 'pending'), 0)::bigint as pending,
           coalesce(sum(n) filter (where state = 'active'), 0)::bigint as in_step,
           coalesce(sum(n) filter (where state = 'completed'), 0)::bigint as completed,
           coalesce(sum(n) filter (where state = 'failed'), 0)::bigint as failed,
           coalesce(sum(n) filter (where state = 'skipped'), 0)::bigint as skipped,
           coalesce(sum(n) filter (where state = 'other'), 0)::bigint as other,
           coalesce(sum(n) filter (where s.id is null), 0)::bigint as unlinked,
           coalesce(sum(n), 0)::bigint as total
    from counted c
    left join sequence_steps s on s.id = c.step_id and s.sequence_id = c.sequence_id
    group by c.sequence_id
),
answer as materialized (   -- what gateways and people answered: receipts by step, replies by sequence
    select coalesce(s.sequence_id, case when a.scope = 'reply' then a.key end) as sequence_id,
           coalesce(sum(a.n) filter (where a.state in ('d', 'r') and a.scope = 'receipt'), 0)::bigint as delivered,
           coalesce(sum(a.n) filter (where a.state = 'r' and a.scope = 'receipt'), 0)::bigint as read,
           coalesce(sum(a.n) filter (where a.scope = 'reply'), 0)::bigint as replies
    from (
        select scope, key, state, n from seqconsole.counters where scope in ('receipt', 'reply') and n <> 0
        union all
        select d ->> 0, (d ->> 1)::uuid, d ->> 3, (d ->> 4)::bigint
        from seqconsole.changes c, jsonb_array_elements(c.delta) as d
        where c.kind = 'counters' and d ->> 0 in ('receipt', 'reply')
    ) a
    left join sequence_steps s on a.scope = 'receipt' and s.id = a.key
    group by 1
),
duplicate as materialized (   -- the key begins with the sequence
    select left(key, 36) as sequence_id, count(*) as n
    from seqconsole.findings
    where kind = 'duplicate'
    group by 1
),
hold as materialized (
    select distinct on (key) key, coalesce(nullif(reason, ''), 'held by ' || holder) as hold,
           nullif(until, 'infinity') as until
    from seqconsole.holds h
    where scope = 'sequence' and h.until > :'now'::timestamptz
    order by key, h.until desc, holder
)
select q.id, left(coalesce(q.name::text, ''), 500) as name,
       coalesce(q.is_active, true)
           and coalesce(lower(q.status::text), '') not in ('inactive', 'paused', 'draft', 'archived', 'stopped') as active,
       hold.hold, hold.until as held_until,
       (select count(*)::int from sequence_steps s where s.sequence_id = q.id) as steps,
       coalesce(f.pending, 0) as pending, coalesce(f.in_step, 0) as in_step, coalesce(f.completed, 0) as completed,
       coalesce(f.failed, 0) as failed, coalesce(f.skipped, 0) as skipped, coalesce(f.other, 0) as other,
       coalesce(f.unlinked, 0) as unlinked, coalesce(f.total, 0) as total, coalesce(d.n, 0) as duplicates,
       coalesce(a.delivered, 0) as delivered, coalesce(a.read, 0) as read, coalesce(a.replies, 0) as replies
from sequences q
left join figures f on f.sequence_id = q.id
left join answer a on a.sequence_id = q.id
left join duplicate d on d.sequence_id = q.id::text
left join hold on hold.key = (q.id::text collate "C")
order by q.name, q.id;
