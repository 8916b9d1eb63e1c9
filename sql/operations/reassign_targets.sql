-- Devices that may take over: those named, or all others of the same user. free_at: the projected free slot behind
-- what is queued already, infinity where nothing opens it; steady: nothing holds the device now, and it is not offline.
select d.device_id, coalesce(u.device_name::text, u.id::text) as name, u.user_id is not distinct from :'user'::uuid as same_user,
       coalesce(n.queued, 0)::bigint as queued, h.reason as held,
       h.until is null and coalesce(d.gateway_state, 'online') in ('online', 'unknown') and o.opens_at < 'infinity' as steady,
       extract(epoch from v.pace)::float8 as pace,
       case when isfinite(o.opens_at)
            then extract(epoch from o.opens_at + coalesce(n.queued, 0) * v.pace - :'now'::timestamptz)::float8 end as free_in
from user_devices u
join seqconsole.devices d on d.device_id = u.id
left join lateral (
    select sum(x.n) as queued
    from (
        select c.n from seqconsole.counters c where c.scope = 'device' and c.key = d.device_id and c.state = 'pending'
        union all
        select (e ->> 4)::bigint
        from seqconsole.changes c, jsonb_array_elements(c.delta) as e
        where c.kind = 'counters' and e ->> 0 = 'device' and e ->> 1 = d.device_id::text and e ->> 3 = 'pending'
    ) x
) n on true
left join lateral (
    select max(x.until) as until, (array_agg(x.reason order by x.until desc))[1] as reason
    from (
        select h.until, coalesce(nullif(h.reason, ''), 'held by ' || h.holder) as reason
        from (values ('device', d.device_id::text), ('user', d.user_id::text), ('host', d.host)) as k (scope, key)
        join seqconsole.holds h on h.scope = k.scope and h.key = (k.key collate "C") and not h.cold_only
        where h.until > :'now'::timestamptz
    ) x
) h on true
cross join lateral (
    select greatest(d.send_window / greatest(1, seqconsole.limit_at(
                        d.send_limit, d.warm_from, d.warm_days, d.warm_limits, :'now'::timestamptz)),
                    (d.gap_min + d.gap_max) / 2) as pace
) v
cross join lateral (
    select seqconsole.throttle_opens(greatest(:'now'::timestamptz, d.slot_at, h.until), d.ring, d.send_limit, d.send_window,
                                     d.warm_from, d.warm_days, d.warm_limits, d.daily_cap, d.day, d.day_sent,
                                     d.quiet_from, d.quiet_to, d.zone) as opens_at
) o
where u.id <> :'device'::uuid
  and case when :'named'::uuid[] is null then u.user_id is not distinct from :'user'::uuid else u.id = any(:'named'::uuid[]) end
order by name, d.device_id;
