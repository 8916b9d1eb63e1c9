-- Claim: the gate (DESIGN 5.2). Runs after the shared gate lock, in a statement of its own, so that every hold that
-- was put before is seen. Free devices by their slot, one message each: the head of the lane that had the fewest of
-- the device's last sends, by weight. Each lock skips what others hold, and each predicate stands where it is rechecked.
-- A head that is refused for its own sake (person, cold contact, queue row) is parked, with the gate's name.
with open_gate as materialized (
    select 1 as yes
    where seqconsole.setting('engine') = 'on'
      and (select 1 from seqconsole.holds h
            where h.scope = 'all' and not h.cold_only and h.until > :'now'::timestamptz limit 1) is null
),
free as materialized (
    select d.device_id, d.user_id, d.host, d.last_lanes
    from seqconsole.devices d
    where (select yes from open_gate) = 1
      and d.slot_at <= :'now'::timestamptz
      and (select 1 from seqconsole.progress p where p.device_id = d.device_id and p.state = 'r' limit 1) is not null
      and cardinality(d.ring) - width_bucket(:'now'::timestamptz - d.send_window, d.ring)   -- the ring is sorted
          < seqconsole.limit_at(d.send_limit, d.warm_from, d.warm_days, d.warm_limits, :'now'::timestamptz)
      and (d.daily_cap is null or d.day_sent < d.daily_cap and d.daily_cap > 0
           or d.daily_cap > 0 and d.day < (:'now'::timestamptz at time zone d.zone)::date)
      and (d.quiet_from is null
           or seqconsole.quiet_until(:'now'::timestamptz, d.zone, d.quiet_from, d.quiet_to) is null)
      and (select 1 from seqconsole.holds h
            where h.scope = 'device' and not h.cold_only and h.key = (d.device_id::text collate "C")
              and h.until > :'now'::timestamptz limit 1) is null
      and (select 1 from seqconsole.holds h
            where h.scope = 'user' and not h.cold_only and h.key = (d.user_id::text collate "C")
              and h.until > :'now'::timestamptz limit 1) is null
      and (select 1 from seqconsole.holds h
            where h.scope = 'host' and not h.cold_only and h.key = (d.host collate "C")
              and h.until > :'now'::timestamptz limit 1) is null
      and (   -- some lane that is not held has its head due: a walk over lanes, not over messages
        with recursive lane (sequence_id) as (
            (select p.sequence_id from seqconsole.progress p
              where p.device_id = d.device_id and p.state = 'r'
              order by p.sequence_id limit 1)
            union all
            select (select p.sequence_id from seqconsole.progress p
                     where p.device_id = d.device_id and p.state = 'r' and p.sequence_id > lane.sequence_id
                     order by p.sequence_id limit 1)
            from lane
            where lane.sequence_id is not null
        )
        select 1
        from lane
        where lane.sequence_id is not null
          and (select 1 from seqconsole.progress p
                where p.device_id = d.device_id and p.sequence_id = lane.sequence_id
                  and p.state = 'r' and p.at <= :'now'::timestamptz
                  and (p.expires_at is null or p.expires_at > :'now'::timestamptz) limit 1) is not null
          and (select 1 from seqconsole.holds h
                where h.scope = 'sequence' and not h.cold_only and h.key = (lane.sequence_id::text collate "C")
                  and h.until > :'now'::timestamptz limit 1) is null
        limit 1) is not null
    order by d.slot_at
    limit :'limit'::int
    for update skip locked
),
head as materialized (
    select f.device_id, f.user_id, f.host, h.*
    from free f
    cross join lateral (
        select one.*
        from (
            with recursive lane (sequence_id) as (
                (select p.sequence_id from seqconsole.progress p
                  where p.device_id = f.device_id and p.state = 'r'
                  order by p.sequence_id limit 1)
                union all
                select (select p.sequence_id from seqconsole.progress p
                         where p.device_id = f.device_id and p.state = 'r' and p.sequence_id > lane.sequence_id
                         order by p.sequence_id limit 1)
                from lane
                where lane.sequence_id is not null
            )
            select lane.sequence_id
            from lane
            where lane.sequence_id is not null
              and (select 1 from seqconsole.holds h
                    where h.scope = 'sequence' and not h.cold_only and h.key = (lane.sequence_id::text collate "C")
                      and h.until > :'now'::timestamptz limit 1) is null
            order by cardinality(array_positions(f.last_lanes, lane.sequence_id))
                     / greatest(coalesce((select case when jsonb_typeof(s.value) = 'number' then s.value::float8 end
                                          from seqconsole.settings s
                                          where s.scope = 'sequence' and s.key = lane.sequence_id::text
                                            and s.name = 'weight'), 1.0), 0.001),
                     lane.sequence_id
        ) lane
        cross join lateral (
            select p.track, p.phone_key, p.run, p.sequence_id, p.step_id, p.message_id, p.tries
            from seqconsole.progress p
            where p.device_id = f.device_id and p.sequence_id = lane.sequence_id
              and p.state = 'r' and p.at <= :'now'::timestamptz
              and (p.expires_at is null or p.expires_at > :'now'::timestamptz)
            order by p.at, p.message_id
            limit 1
            for update skip locked
        ) one
        limit 1
    ) h
),
judged as materialized (   -- the gates of the head itself; refused_until NULL: it may go
    select head.*, greatest(cold.until, person.until) as refused_until,
           case when cold.until is not null then 'cold' when person.until is not null then 'frequency' end as refused_by,
           case when cap.gap is null then 1 else row_number() over (partition by head.phone_key order by head.message_id) end as nth
    from head
    cross join (select seqconsole.person_gap() as gap) cap
    left join lateral (
        select max(h.until) as until
        from (values ('all', ''), ('user', head.user_id::text), ('host', head.host), ('device', head.device_id::text),
                     ('sequence', head.sequence_id::text)) as v (scope, key)
        join seqconsole.holds h on h.scope = v.scope and h.key = (v.key collate "C") and h.cold_only
        where h.until > :'now'::timestamptz
          and (select 1 from seqconsole.deliveries d
                where d.phone_key = head.phone_key and d.device_id = head.device_id and d.outcome = 's' limit 1) is null
    ) cold on true
    left join lateral (   -- CASE: a WHERE would be tested after the function
        select case when cap.gap is not null
                    then nullif(seqconsole.person_free_at(head.phone_key, head.message_id, cap.gap, :'lease'::interval,
                                                          :'now'::timestamptz), :'now'::timestamptz) end as until
    ) person on true
),
locked as materialized (
    select gen_random_uuid() as attempt_id, head.device_id, head.track, head.phone_key, head.run, head.sequence_id,
           head.step_id, head.message_id, head.tries, said.text, said.problem
    from broadcast_messages m
    join judged head on head.message_id = m.id
    cross join lateral seqconsole.render(   -- ours is rendered already; another writer's may hold placeholders
        m.content::text, nullif(head.sequence_id, '00000000-0000-0000-0000-000000000000'), head.phone_key, m.recipient_name::text) said
    where lower(m.status::text) = 'pending' and seqconsole.phone_key(m.recipient_phone) = head.phone_key
      and head.refused_until is null and head.nth = 1
    for update of m skip locked
),
attempt as (   -- what follows takes its rows from here, without joins: estimates of one row make those quadratic
    update broadcast_messages m
    set status = 'sending', updated_at = :'now'::timestamptz
    from locked
    where m.id = locked.message_id and lower(m.status::text) = 'pending' and locked.problem is null
    returning locked.attempt_id as id, locked.device_id, locked.track, locked.phone_key, locked.run, locked.sequence_id,
              locked.step_id, locked.message_id, locked.tries, m.message_type, locked.text as content, m.media_url,
              :'now'::timestamptz + :'lease'::interval as lease_until
),
evidence as (
    insert into seqconsole.attempts
        (id, claimed_at, message_id, phone_key, step_id, run, device_id, worker_id, lease_until, charge, content)
    select id, :'now'::timestamptz, message_id, phone_key, step_id, run, device_id, :'worker'::uuid, lease_until, lease_until,
           content
    from attempt
),
charged as (
    update seqconsole.devices d
    set ring = array(select e from unnest(d.ring || a.lease_until) as e where e > :'now'::timestamptz - d.send_window order by e),
        slot_at = a.lease_until + d.gap_max,
        day = greatest(d.day, (:'now'::timestamptz at time zone d.zone)::date),
        day_sent = case when d.day >= (:'now'::timestamptz at time zone d.zone)::date then d.day_sent else 0 end + 1,
        last_lanes = (a.sequence_id || d.last_lanes)[1:20]
    from attempt a
    where d.device_id = a.device_id
    returning a.*, d.failures
),
leased as (
    update seqconsole.progress p
    set state = 's', at = a.lease_until, gate = null, attempt_id = a.id, claimed_at = :'now'::timestamptz
    from attempt a
    where p.track = a.track and p.phone_key = a.phone_key and p.run = a.run
),
refused as (   -- 'message': the queue's row says something else, or somebody holds it; later, when the feed has been read
    update seqconsole.progress p
    set at = coalesce(h.refused_until, :'now'::timestamptz
                      + case when l.problem is null then interval '10 seconds' else interval '1 hour' end),
        gate = coalesce(h.refused_by, case when l.problem is null then 'message' else 'text' end)
    from judged h
    left join locked l on l.message_id = h.message_id
    where p.track = h.track and p.phone_key = h.phone_key and p.run = h.run and h.nth = 1
      and h.message_id not in (select message_id from attempt)
)
select a.id as attempt_id, :'now'::timestamptz as claimed_at, a.message_id, a.phone_key as phone, a.step_id, a.device_id,
       a.tries, a.lease_until, a.failures, coalesce(a.message_type, 'text') as message_type,
       coalesce(a.content, '') as content, a.media_url
from charged a;
