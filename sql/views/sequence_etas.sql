-- When what is queued of each sequence will have been sent, under the limits and holds of now: on each of its devices
-- the estimate of drained_at, for its own messages and for those of other lanes that the claim lets go between them
-- (fair share by weight); of its devices the last. infinity: never. A walk over lanes; each is counted up to
-- :'lane_limit', and a fuller one shares the rest of its device's queue.
with recursive weight as materialized (
    select s.key, greatest(case when jsonb_typeof(s.value) = 'number' then s.value::float8 end, 0.001) as weight
    from seqconsole.settings s
    where s.scope = 'sequence' and s.name = 'weight'
),
hold as materialized (
    select scope, key, max(until) as until
    from seqconsole.holds
    where scope in ('all', 'user', 'host', 'device', 'sequence') and not cold_only and until > :'now'::timestamptz
    group by scope, key
),
queued as materialized (
    select key as device_id, sum(n) as n
    from (
        select key, n from seqconsole.counters where scope = 'device' and state = 'pending'
        union all
        select (d ->> 1)::uuid, (d ->> 4)::bigint
        from seqconsole.changes c, jsonb_array_elements(c.delta) as d
        where c.kind = 'counters' and d ->> 0 = 'device' and d ->> 3 = 'pending'
    ) unread
    group by key
),
device as materialized (
    select d.*, greatest(:'now'::timestamptz, d.slot_at, (select until from hold where scope = 'all'), o.until, u.until, h.until) as start,
           seqconsole.limit_at(d.send_limit, d.warm_from, d.warm_days, d.warm_limits, :'now'::timestamptz) as most,
           coalesce(n.n, 0) as pending
    from seqconsole.devices d
    join user_devices x on x.id = d.device_id
    left join hold o on o.scope = 'device' and o.key = (d.device_id::text collate "C")
    left join hold u on u.scope = 'user' and u.key = (d.user_id::text collate "C")
    left join hold h on h.scope = 'host' and h.key = (d.host collate "C")
    left join queued n on n.device_id = d.device_id
),
lane (device_id, sequence_id) as (
    select d.device_id, (select p.sequence_id from seqconsole.progress p
                          where p.device_id = d.device_id and p.state = 'r' order by p.sequence_id limit 1)
    from device d
    union all
    select l.device_id, (select p.sequence_id from seqconsole.progress p
                          where p.device_id = l.device_id and p.state = 'r' and p.sequence_id > l.sequence_id
                          order by p.sequence_id limit 1)
    from lane l
    where l.sequence_id is not null
),
counted as materialized (
    select l.device_id, l.sequence_id, c.n, coalesce(w.weight, 1) as weight, c.last_at
    from lane l
    cross join lateral (   -- from its end, so that the latest is among them
        select count(*) as n, max(one.at) as last_at
        from (select p.at from seqconsole.progress p
               where p.device_id = l.device_id and p.sequence_id = l.sequence_id and p.state = 'r' and p.at < 'infinity'
               order by p.at desc
               limit :'lane_limit'::int) one
    ) c
    left join weight w on w.key = l.sequence_id::text
    where l.sequence_id is not null and c.n > 0
),
filled as materialized (   -- lanes that were not counted to their end share what else stands on their device
    select c.device_id, c.sequence_id, c.weight, c.last_at,
           case when c.n < :'lane_limit'::int then c.n
                else greatest(c.n, (d.pending - sum(c.n) filter (where c.n < :'lane_limit'::int) over w)
                                   / count(*) filter (where c.n >= :'lane_limit'::int) over w)::bigint end as n
    from counted c
    join device d using (device_id)
    window w as (partition by c.device_id)
),
ahead as (   -- the lane's own messages, and what goes between them
    select f.device_id, f.sequence_id, f.last_at,
           f.n + coalesce(sum(least(o.n, ceil(f.n * o.weight / f.weight))) filter (where o.sequence_id <> f.sequence_id), 0) as n
    from filled f
    join filled o on o.device_id = f.device_id
    group by f.device_id, f.sequence_id, f.last_at, f.n
)
select q.id as sequence_id, max(x.drained_at) as drained_at
from sequences q
left join hold h on h.scope = 'sequence' and h.key = (q.id::text collate "C")
cross join lateral (
    select greatest(a.last_at, seqconsole.drained_at(
               a.n::bigint, greatest(d.start, h.until), d.ring, d.most, d.send_window, (d.gap_min + d.gap_max) / 2,
               d.daily_cap, d.day, d.day_sent, d.quiet_from, d.quiet_to, d.zone)) as drained_at
    from ahead a
    join device d using (device_id)
    where a.sequence_id = q.id
    union all   -- queued, and no device has it
    select 'infinity'
    from (select p.sequence_id from seqconsole.progress p where p.gate = 'device' and p.state = 'r' limit 5000) p
    where p.sequence_id = q.id
) x
group by q.id;
