-- A throttle row for each device, with its effective limits: device setting, else device column, else default.
with wanted as (
    select u.id, u.user_id,
           coalesce(
               (select s.value #>> '{}' from seqconsole.settings s
                 where s.scope = 'device' and s.key = u.id::text and s.name = 'send_limit'),
               (select s.value #>> '{}' from seqconsole.settings s
                 where s.scope = 'default' and s.key = '' and s.name = 'send_limit'))::int as send_limit,
           coalesce(
               (select s.value #>> '{}' from seqconsole.settings s
                 where s.scope = 'device' and s.key = u.id::text and s.name = 'send_window'),
               (select s.value #>> '{}' from seqconsole.settings s
                 where s.scope = 'default' and s.key = '' and s.name = 'send_window'))::interval as send_window,
           coalesce(
               make_interval(secs => case when u.min_delay_seconds between 0 and 86400 then u.min_delay_seconds end),
               (select s.value #>> '{}' from seqconsole.settings s
                 where s.scope = 'default' and s.key = '' and s.name = 'gap_min')::interval) as gap_min,
           coalesce(
               make_interval(secs => case when u.max_delay_seconds between 0 and 86400 then u.max_delay_seconds end),
               (select s.value #>> '{}' from seqconsole.settings s
                 where s.scope = 'default' and s.key = '' and s.name = 'gap_max')::interval) as gap_max
    from user_devices u
    where :'ids'::uuid[] is null or u.id = any(:'ids'::uuid[])
)
insert into seqconsole.devices as d (device_id, user_id, slot_at, send_limit, send_window, gap_min, gap_max)
select id, user_id, :'now'::timestamptz, send_limit, send_window, least(gap_min, gap_max), greatest(gap_min, gap_max)
from wanted
order by id
on conflict (device_id) do update
set user_id = excluded.user_id, send_limit = excluded.send_limit, send_window = excluded.send_window,
    gap_min = excluded.gap_min, gap_max = excluded.gap_max
where (d.user_id, d.send_limit, d.send_window, d.gap_min, d.gap_max)
      is distinct from
      (excluded.user_id, excluded.send_limit, excluded.send_window, excluded.gap_min, excluded.gap_max);
