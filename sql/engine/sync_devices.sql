-- A throttle row for each device, with what is in force for it: its own setting, else its column, else its user's
-- setting, else the default. A device that appears later (:'ids' given) warms up from now, where a ramp is set.
with given as (
    select u.id, u.user_id, u.min_delay_seconds, u.max_delay_seconds,
           seqconsole.limit_setting(u.id, u.user_id, 'send_limit') as send_limit,
           seqconsole.as_interval(seqconsole.limit_setting(u.id, u.user_id, 'send_window')) as send_window,
           seqconsole.as_interval(seqconsole.limit_setting(u.id, u.user_id, 'gap_min')) as wide_gap_min,
           seqconsole.as_interval(seqconsole.limit_setting(u.id, u.user_id, 'gap_max')) as wide_gap_max,
           (select true from seqconsole.settings s
             where s.scope = 'device' and s.key = u.id::text and s.name in ('gap_min', 'gap_max') limit 1) as own_gap,
           seqconsole.limit_setting(u.id, u.user_id, 'daily_cap') as daily_cap,
           seqconsole.limit_setting(u.id, u.user_id, 'quiet_hours') as quiet_hours,
           seqconsole.as_zone(coalesce(seqconsole.limit_setting(u.id, u.user_id, 'timezone'),
                                       nullif(seqconsole.setting('timezone'), ''))) as zone,
           seqconsole.as_instant(seqconsole.limit_setting(u.id, null, 'warm_from')) as warm_from,
           seqconsole.limit_setting(u.id, u.user_id, 'warm_up') as warm_up
    from user_devices u
    where :'ids'::uuid[] is null or u.id = any(:'ids'::uuid[])
),
wanted as (
    select g.id, g.user_id, case when g.send_limit ~ '^[0-9]{1,6}$' then g.send_limit::int else 80 end as send_limit,
           case when g.send_window > interval '0' then g.send_window else interval '1 hour' end as send_window,
           greatest(interval '0', case
               when g.own_gap then g.wide_gap_min
               else coalesce(make_interval(secs => case when g.min_delay_seconds between 0 and 86400 then g.min_delay_seconds end),
                             g.wide_gap_min) end) as gap_min,
           greatest(interval '0', case
               when g.own_gap then g.wide_gap_max
               else coalesce(make_interval(secs => case when g.max_delay_seconds between 0 and 86400 then g.max_delay_seconds end),
                             g.wide_gap_max) end) as gap_max,
           case when g.daily_cap ~ '^[0-9]{1,6}$' then g.daily_cap::int end as daily_cap,
           q.quiet[1]::time as quiet_from, q.quiet[2]::time as quiet_to, coalesce(g.zone, 'UTC') as zone, g.warm_from,
           w.days as warm_days, w.limits as warm_limits
    from given g
    cross join lateral (
        select regexp_match(g.quiet_hours, '^((?:[01]?[0-9]|2[0-3]):[0-5][0-9])-((?:[01]?[0-9]|2[0-3]):[0-5][0-9])$') as quiet
    ) q
    cross join lateral (
        select coalesce(array_agg(p.part[1]::int order by p.part[1]::int), '{}') as days,
               coalesce(array_agg(p.part[2]::int order by p.part[1]::int), '{}') as limits
        from regexp_matches(g.warm_up, '([0-9]{1,3}):([0-9]{1,6})', 'g') as p (part)
    ) w
)
insert into seqconsole.devices as d
    (device_id, user_id, slot_at, send_limit, send_window, gap_min, gap_max, daily_cap, quiet_from, quiet_to, zone,
     warm_from, warm_days, warm_limits)
select id, user_id, :'now'::timestamptz, send_limit, send_window, least(gap_min, gap_max), greatest(gap_min, gap_max),
       daily_cap, quiet_from, quiet_to, zone,
       coalesce(warm_from, case when :'ids'::uuid[] is not null then :'now'::timestamptz end), warm_days, warm_limits
from wanted
order by id
on conflict (device_id) do update
set user_id = excluded.user_id, send_limit = excluded.send_limit, send_window = excluded.send_window,
    gap_min = excluded.gap_min, gap_max = excluded.gap_max, daily_cap = excluded.daily_cap,
    quiet_from = excluded.quiet_from, quiet_to = excluded.quiet_to, zone = excluded.zone,
    warm_from = case when excluded.warm_from = :'now'::timestamptz then coalesce(d.warm_from, excluded.warm_from)
                     else coalesce(excluded.warm_from, d.warm_from) end,
    warm_days = excluded.warm_days, warm_limits = excluded.warm_limits
where (d.user_id, d.send_limit, d.send_window, d.gap_min, d.gap_max, d.daily_cap, d.quiet_from, d.quiet_to, d.zone,
       d.warm_days, d.warm_limits)
      is distinct from
      (excluded.user_id, excluded.send_limit, excluded.send_window, excluded.gap_min, excluded.gap_max, excluded.daily_cap,
       excluded.quiet_from, excluded.quiet_to, excluded.zone, excluded.warm_days, excluded.warm_limits)
   or excluded.warm_from is distinct from d.warm_from and excluded.warm_from is distinct from :'now'::timestamptz
      and excluded.warm_from is not null;
