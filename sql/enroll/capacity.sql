-- What the devices of a sequence's user can send a day under the limits of now, and what is queued on them already.
select count(*)::int as devices, coalesce(sum(d.per_day), 0)::bigint as per_day, coalesce(sum(d.queued), 0)::bigint as queued
from (
    select least(86400 * v.open / greatest(extract(epoch from d.gap_min + d.gap_max) / 2, 0.001),
                 seqconsole.limit_at(d.send_limit, d.warm_from, d.warm_days, d.warm_limits, :'now'::timestamptz)
                     * 86400 * v.open / extract(epoch from d.send_window),
                 coalesce(d.daily_cap, 'infinity'::float8)) as per_day,
           coalesce(n.n, 0) as queued
    from seqconsole.devices d
    join user_devices u on u.id = d.device_id
    left join seqconsole.counters n on n.scope = 'device' and n.key = d.device_id and n.state = 'pending'
    cross join lateral (select case when d.quiet_from is null then 1.0
                                    else mod(extract(epoch from d.quiet_from - d.quiet_to)::int + 86400, 86400) / 86400.0 end as open) v
    where u.user_id is not distinct from :'user'::uuid
      and (select 1 from seqconsole.holds h
            where h.scope = 'device' and h.key = (d.device_id::text collate "C") and not h.cold_only and h.until = 'infinity'
            limit 1) is null
) d;
