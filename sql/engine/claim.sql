-- Claim: the gate (DESIGN 5.2). Runs after the shared gate lock, in a statement of its own, so that every hold that
-- was put before is seen. Free devices by their slot, one message each: the head of the lane that had the fewest of
-- the device's last sends. Each lock skips what others hold, and each predicate stands where it is rechecked.
with open_gate as materialized (
    select 1 as yes
    where seqconsole.setting('engine') = 'on'
      and (select 1 from seqconsole.holds h where h.scope = 'all' and h.until > :'now'::timestamptz limit 1) is null
),
free as materialized (
    select d.device_id, d.last_lanes
    from seqconsole.devices d
    where (select yes from open_gate) = 1
      and d.slot_at <= :'now'::timestamptz
      and (select count(*) from unnest(d.ring) as e where e > :'now'::timestamptz - d.send_window) < d.send_limit
      and (select 1 from seqconsole.holds h
            where h.scope = 'device' and h.key = (d.device_id::text collate "C")
              and h.until > :'now'::timestamptz limit 1) is null
      and (select 1 from seqconsole.holds h
            where h.scope = 'user' and h.key = (d.user_id::text collate "C")
              and h.until > :'now'::timestamptz limit 1) is null
      and (select 1 from seqconsole.holds h
            where h.scope = 'host' and h.key = (d.host collate "C")
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
                  and p.state = 'r' and p.at <= :'now'::timestamptz limit 1) is not null
          and (select 1 from seqconsole.holds h
                where h.scope = 'sequence' and h.key = (lane.sequence_id::text collate "C")
                  and h.until > :'now'::timestamptz limit 1) is null
        limit 1) is not null
    order by d.slot_at
    limit :'limit'::int
    for update skip locked
),
head as materialized (
    select f.device_id, h.*
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
                    where h.scope = 'sequence' and h.key = (lane.sequence_id::text collate "C")
                      and h.until > :'now'::timestamptz limit 1) is null
            order by cardinality(array_positions(f.last_lanes, lane.sequence_id)), lane.sequence_id
        ) lane
        cross join lateral (
            select p.track, p.phone_key, p.run, p.sequence_id, p.step_id, p.message_id, p.tries
            from seqconsole.progress p
            where p.device_id = f.device_id and p.sequence_id = lane.sequence_id
              and p.state = 'r' and p.at <= :'now'::timestamptz
            order by p.at, p.message_id
            limit 1
            for update skip locked
        ) one
        limit 1
    ) h
),
locked as materialized (
    select m.id
    from broadcast_messages m
    join head on head.message_id = m.id
    where m.status::text = 'pending' and seqconsole.phone_key(m.recipient_phone) = head.phone_key
    for update of m skip locked
),
claimed as (
    update broadcast_messages m
    set status = 'sending', updated_at = :'now'::timestamptz
    from locked
    where m.id = locked.id and m.status::text = 'pending'
    returning m.id, m.message_type, m.content, m.media_url
),
attempt as materialized (
    select gen_random_uuid() as id, head.*, claimed.message_type, claimed.content, claimed.media_url,
           :'now'::timestamptz + :'lease'::interval as lease_until
    from head
    join claimed on claimed.id = head.message_id
),
evidence as (
    insert into seqconsole.attempts
        (id, claimed_at, message_id, phone_key, step_id, run, device_id, worker_id, lease_until, charge)
    select id, :'now'::timestamptz, message_id, phone_key, step_id, run, device_id, :'worker'::uuid, lease_until, lease_until
    from attempt
),
charged as (
    update seqconsole.devices d
    set ring = array(select e from unnest(d.ring) as e where e > :'now'::timestamptz - d.send_window order by e)
               || a.lease_until,
        slot_at = a.lease_until + d.gap_max,
        last_lanes = (a.sequence_id || d.last_lanes)[1:20]
    from attempt a
    where d.device_id = a.device_id
    returning d.device_id, d.failures
),
leased as (
    update seqconsole.progress p
    set state = 's', at = a.lease_until, gate = null, attempt_id = a.id, claimed_at = :'now'::timestamptz
    from attempt a
    where p.track = a.track and p.phone_key = a.phone_key and p.run = a.run
),
refused as (   -- the queue's row says something else, or somebody holds it: later, when the feed has been read
    update seqconsole.progress p
    set at = :'now'::timestamptz + interval '10 seconds', gate = 'message'
    from head h
    where p.track = h.track and p.phone_key = h.phone_key and p.run = h.run
      and h.message_id not in (select message_id from attempt)
)
select a.id as attempt_id, :'now'::timestamptz as claimed_at, a.message_id, a.phone_key as phone, a.step_id, a.device_id,
       a.tries, a.lease_until, charged.failures, coalesce(a.message_type, 'text') as message_type,
       coalesce(a.content, '') as content, a.media_url
from attempt a
join charged using (device_id);
