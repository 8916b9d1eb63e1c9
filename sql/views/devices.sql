-- The devices with queue, throttle and what holds them, at one instant (DESIGN 7). Figures by state are counters plus
-- the deltas that nobody has rolled up yet, so they are true with no engine running. `due` is counted by device on
-- the claim's own index, at most :'due_limit' each; the ring is sorted, so the window costs a binary search.
-- An infinite time is NULL, but drained_at says infinity for never. A reader that tells the marks of the devices it knows
-- (4 bytes each, by id) and their fleet gets those alone that have changed, in few bytes; there is always a row. Times are
-- seconds since 1970, -1 for never.
with counted as materialized (
    select key as device_id, sum(n) filter (where state = 'pending') as pending,
           sum(n) filter (where state = 'sending') as sending, sum(n) filter (where state = 'unknown') as unknown,
           sum(n) filter (where state = 'failed') as failed
    from (
        select key, state, n from seqconsole.counters where scope = 'device' and n <> 0
        union all
        select (d ->> 1)::uuid, d ->> 3, (d ->> 4)::bigint
        from seqconsole.changes c, jsonb_array_elements(c.delta) as d
        where c.kind = 'counters' and d ->> 0 = 'device'
    ) unread
    group by key
),
in_flight as materialized (
    select distinct device_id from seqconsole.progress where state = 's'
),
device as materialized (
    select u.id, left(u.device_name::text, 500) as name, u.user_id, left(u.platform::text, 500) as platform,
           left(u.phone::text, 500) as phone, d.host, coalesce(d.ring, '{}') as ring, coalesce(d.send_window, '1 hour') as send_window,
           coalesce(d.send_limit, (select (s.value #>> '{}')::int from seqconsole.settings s
                                    where s.scope = 'default' and s.key = '' and s.name = 'send_limit'), 80) as send_limit,
           coalesce(nullif(d.slot_at, 'infinity'), :'now'::timestamptz) as slot_at,
           coalesce(d.failures, 0) as failures, d.gateway_state, d.proven_at, d.last_sent_at,
           d.slot_at as opens_at, (d.gap_min + d.gap_max) / 2 as gap, d.warm_from, d.warm_days, d.warm_limits,
           d.daily_cap, d.day, d.day_sent, d.quiet_from, d.quiet_to, d.zone
    from user_devices u
    left join seqconsole.devices d on d.device_id = u.id
),
hold as materialized (   -- everything held is the overview's matter
    select scope, key, until, case holder when 'breaker' then 2 when 'gateway' then 3 else 1 end as rank,
           coalesce(nullif(reason, ''), 'held by ' || holder) as reason
    from seqconsole.holds
    where scope in ('device', 'user', 'host') and not cold_only and until > :'now'::timestamptz
),
each_hold as materialized (
    select d.id, h.rank, h.until, h.reason as hold
    from device d join hold h on h.scope = 'device' and h.key = (d.id::text collate "C")
    union all
    select d.id, h.rank, h.until, h.reason || ' (all devices of its user)'
    from device d join hold h on h.scope = 'user' and h.key = (d.user_id::text collate "C")
    union all
    select d.id, h.rank, h.until, h.reason || ' (all devices of its host)'
    from device d join hold h on h.scope = 'host' and h.key = (d.host collate "C")
),
held as materialized (   -- of each device the gravest
    select distinct on (id) id, rank, hold, nullif(until, 'infinity') as until,
           max(until) over (partition by id) as last_until
    from each_hold
    order by id, rank, each_hold.until desc, hold
),
everything as materialized (
    select max(until) as until from seqconsole.holds where scope = 'all' and until > :'now'::timestamptz
),
figured as materialized (
    select d.*, h.rank, h.hold, h.until, h.last_until, f.device_id is not null as is_sending,
           coalesce(c.pending, 0) as pending, coalesce(c.sending, 0) as sending, coalesce(c.unknown, 0) as unknown,
           coalesce(c.failed, 0) as failed,
           case when c.pending > 0 then (
               select count(*)
               from (select 1 from seqconsole.progress p
                      where p.device_id = d.id and p.state = 'r' and p.at <= :'now'::timestamptz
                      limit :'due_limit'::int) one)
           else 0 end as due,
           cardinality(d.ring) - width_bucket(:'now'::timestamptz - d.send_window, d.ring) as sent_in_window
    from device d
    left join counted c on c.device_id = d.id
    left join in_flight f on f.device_id = d.id
    left join held h on h.id = d.id
),
shown as materialized (
    select id, coalesce(name, '') as name, user_id, platform, phone, host,
           case when rank = 1 then 'paused' when rank = 2 then 'breaker' when rank = 3 then 'offline'
                when sent_in_window >= send_limit and slot_at > :'now'::timestamptz then 'throttled'
                when is_sending then 'sending' when due > 0 then 'ready' else 'idle' end as condition,
           hold, until as held_until, pending::bigint, due, sending::bigint, unknown::bigint, failed::bigint,
           sent_in_window, send_limit, slot_at, failures, gateway_state, proven_at, last_sent_at,
           case when pending > 0 then seqconsole.drained_at(
               pending::bigint,
               greatest(:'now'::timestamptz, opens_at, last_until, (select until from everything)), ring,
               seqconsole.limit_at(send_limit, warm_from, warm_days, warm_limits, :'now'::timestamptz), send_window, gap,
               daily_cap, day, day_sent, quiet_from, quiet_to, zone) end as drained_at,
           opens_at
    from figured
),
fleet as materialized (   -- what names the devices: where that has changed, all of them are sent
    select hashtextextended(coalesce(string_agg(concat_ws(',', id, name, user_id, platform, phone, host), ';' order by id), ''), 0)
           as fleet
    from shown
),
marked as materialized (   -- an estimate moves on each second; here it counts by the step in which it is shown
    select shown.*, row_number() over (order by id)::int as place,
           hash_record(row(
               condition, hold, held_until, pending, due, sending, unknown, failed, sent_in_window, send_limit, opens_at,
               failures, gateway_state, last_sent_at,
               case when isfinite(drained_at)
                    then date_bin(case when drained_at < :'now'::timestamptz + interval '1 minute' then interval '5 seconds'
                                       when drained_at < :'now'::timestamptz + interval '1 hour' then interval '1 minute'
                                       else interval '10 minutes' end, drained_at, '2000-01-03')
                    else drained_at end)) as mark
    from shown
)
select case when m.place is null or fleet.fleet is distinct from :'fleet'::bigint then fleet.fleet end as fleet,
       m.place, m.mark,
       case when fleet.fleet is distinct from :'fleet'::bigint
            then json_build_array(m.id, m.name, m.user_id, m.platform, m.phone, m.host)::text end as named,
       json_build_array(
           m.condition, m.hold, extract(epoch from m.held_until), m.pending, m.due, m.sending, m.unknown, m.failed,
           m.sent_in_window, m.send_limit, extract(epoch from m.slot_at), m.failures, m.gateway_state,
           extract(epoch from m.proven_at), extract(epoch from m.last_sent_at),
           case when m.drained_at = 'infinity' then -1 else extract(epoch from m.drained_at) end)::text as moving
from fleet
left join marked m
       on fleet.fleet is distinct from :'fleet'::bigint
       or substring(:'marks'::bytea from 4 * m.place - 3 for 4) is distinct from int4send(m.mark)
order by m.name, m.id;
