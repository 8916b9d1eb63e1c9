-- Attempts that the database lost come back as evidence, with their charges. Where their message still waits it is again
-- being sent, and settle says how that ended; elsewhere the attempt is settled at once and moves nothing.
with lost as materialized (
    select x.*, coalesce(d.message_id, x.message_id) as target
    from unnest(:'ids'::uuid[], :'claimed_ats'::timestamptz[], :'messages'::uuid[], :'phones'::text[], :'steps'::uuid[],
                :'devices'::uuid[], :'workers'::uuid[], :'outcomes'::text[])
         as x(id, claimed_at, message_id, phone_key, step_id, device_id, worker_id, outcome)
    left join seqconsole.deliveries d
      on d.phone_key = x.phone_key collate "C" and d.step_id = x.step_id and d.run = 1
),
waiting as materialized (   -- with locks in hand nobody's row is waited for: then all of it again, later
    select m.id
    from broadcast_messages m
    where m.id = any(array(select l.target from lost l)) and m.status::text = 'pending'
    order by m.id
    for no key update nowait
),
leased as (
    update seqconsole.progress p
    set state = 's', at = l.claimed_at + :'lease'::interval, gate = null, attempt_id = l.id, claimed_at = l.claimed_at
    from lost l, waiting m
    where p.message_id = l.target and p.phone_key = l.phone_key collate "C" and p.state in ('r', 'w')
      and m.id = l.target
    returning p.attempt_id, p.message_id
),
marked as (
    update broadcast_messages m
    set status = 'sending', updated_at = :'now'::timestamptz
    from leased
    where m.id = leased.message_id and m.status::text = 'pending'
),
evidence as (
    insert into seqconsole.attempts
        (id, claimed_at, message_id, phone_key, step_id, device_id, worker_id, lease_until, charge, outcome, evidence, code,
         settled_at)
    select l.id, l.claimed_at, l.target, l.phone_key, coalesce(l.step_id, l.target), l.device_id, l.worker_id,
           l.claimed_at + :'lease'::interval, l.claimed_at + :'lease'::interval,
           case when g.attempt_id is null then l.outcome end,
           case when g.attempt_id is null and l.outcome <> 'unknown' then 'journal' end,
           case when g.attempt_id is null then 'lost by the database' end,
           case when g.attempt_id is null then :'now'::timestamptz end
    from lost l
    left join leased g on g.attempt_id = l.id
    on conflict do nothing
    returning device_id, claimed_at, charge
),
charged as (
    update seqconsole.devices d
    set ring = array(select e from unnest(d.ring || n.charges) as e order by e),
        day = greatest(d.day, n.day),
        day_sent = case when d.day > n.day then d.day_sent when d.day = n.day then d.day_sent + n.n else n.n end
    from (select e.device_id, array_agg(e.charge) as charges, count(*)::int as n,
                 max((e.claimed_at at time zone v.zone)::date) as day
          from evidence e
          join seqconsole.devices v using (device_id)
          group by e.device_id) n
    where d.device_id = n.device_id
)
select attempt_id as id, message_id from leased;
