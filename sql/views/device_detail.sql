-- How a device is throttled, and its sends by hour, the latest last (24 hours): those of our attempts, and of messages
-- that another application sent before. Messages come by the index seqconsole_message_device, at most 4,000.
with sent as (
    select a.message_id, a.settled_at as at
    from seqconsole.attempts a
    where a.device_id = :'device'::uuid and a.claimed_at > :'now'::timestamptz - interval '25 hours' and a.outcome = 'sent'
    union all
    select m.id, m.sent_at::timestamptz
    from (
        select b.id, b.sent_at
        from broadcast_messages b
        where b.device_id = :'device'::uuid and b.status::text = 'sent'
          and b.scheduled_at > :'now'::timestamptz - interval '8 days'
        order by b.scheduled_at desc
        limit 4000
    ) m
    where m.sent_at > :'now'::timestamptz - interval '24 hours'
),
by_hour as (
    select floor(extract(epoch from :'now'::timestamptz - at) / 3600)::int as hours_ago, count(*)::int as n
    from (select message_id, max(at) as at from sent group by message_id) once
    where at <= :'now'::timestamptz and at > :'now'::timestamptz - interval '24 hours'
    group by 1
)
select d.gap_min, d.gap_max, coalesce(d.send_window, '1 hour') as send_window, d.daily_cap,
       coalesce(d.quiet_from::text, '') as quiet_from, coalesce(d.quiet_to::text, '') as quiet_to, coalesce(d.zone, '') as zone,
       case when d.warm_from is not null
            then seqconsole.limit_at(d.send_limit, d.warm_from, d.warm_days, d.warm_limits, :'now'::timestamptz) end as warm_limit,
       array(select coalesce(h.n, 0) from generate_series(23, 0, -1) g (ago) left join by_hour h on h.hours_ago = g.ago
              order by g.ago desc) as hours
from user_devices u
left join seqconsole.devices d on d.device_id = u.id
where u.id = :'device'::uuid;
