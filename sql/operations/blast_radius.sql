-- What lifting one holder's hold on this scope would set free: due work that no other hold covers, by device, and
-- what the limits let through. ring entries leave the window within the hour, so its first hour is a full limit.
with due as materialized (
    select p.device_id, p.sequence_id, d.user_id, d.host, d.send_limit, d.send_window, d.gap_min, d.gap_max,
           (select count(*) from unnest(d.ring) as e where e > :'now'::timestamptz - d.send_window) as used,
           p.n, p.hour, p.day, p.older
    from (
        select p.device_id, p.sequence_id, count(*) as n,
               count(*) filter (where p.due_at > :'now'::timestamptz - interval '1 hour' or p.due_at is null) as hour,
               count(*) filter (where p.due_at <= :'now'::timestamptz - interval '1 hour'
                                  and p.due_at > :'now'::timestamptz - interval '1 day') as day,
               count(*) filter (where p.due_at <= :'now'::timestamptz - interval '1 day') as older
        from seqconsole.progress p
        where p.state in ('r', 'w')
          and (p.at <= :'now'::timestamptz
               or :'scope' = 'contact' and p.gate = 'hold' and p.due_at <= :'now'::timestamptz)
          and (:'scope' <> 'contact' or p.phone_key = any(:'keys'::text[]))
        group by p.device_id, p.sequence_id
    ) p
    left join seqconsole.devices d on d.device_id = p.device_id
    where case :'scope'
              when 'device' then p.device_id::text = any(:'keys'::text[])
              when 'sequence' then p.sequence_id::text = any(:'keys'::text[])
              when 'user' then d.user_id::text = any(:'keys'::text[])
              when 'host' then d.host = any(:'keys'::text[])
              else true
          end
),
free as (
    select due.*
    from due
    where not exists (
        select 1
        from seqconsole.holds h
        where h.until > :'now'::timestamptz and not h.cold_only
          and not (h.scope = :'scope' and h.holder = :'holder' and h.key = any(:'keys'::text[]))
          and (h.scope = 'all'
               or h.scope = 'device' and h.key = due.device_id::text
               or h.scope = 'sequence' and h.key = due.sequence_id::text
               or h.scope = 'user' and h.key = due.user_id::text
               or h.scope = 'host' and h.key = due.host))
),
device as (
    select device_id, sum(n) as due, sum(hour) as hour, sum(day) as day, sum(older) as older,
           greatest(0, min(send_limit) - min(used)) as room,
           least(min(send_limit) * greatest(1, extract(epoch from interval '1 hour') / extract(epoch from min(send_window))),
                 1 + 3600 / greatest(1, extract(epoch from min(gap_min + gap_max)) / 2)) as hourly
    from free
    group by device_id
)
select coalesce(sum(due), 0)::bigint as due, count(device_id) as devices,
       coalesce(sum(least(due, room)), 0)::bigint as at_once,
       coalesce(sum(least(due, floor(hourly))), 0)::bigint as first_hour,
       coalesce(sum(hour), 0)::bigint as overdue_hour, coalesce(sum(day), 0)::bigint as overdue_day,
       coalesce(sum(older), 0)::bigint as overdue_older,
       coalesce(sum(due) filter (where device_id is null), 0)::bigint as without_device,
       coalesce(seqconsole.setting('engine') = 'on', false) as engine_on
from device;
