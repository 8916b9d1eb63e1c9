-- What is in force for each device.
select d.device_id, coalesce(u.device_name::text, d.device_id::text) as name, d.send_limit, d.send_window as window,
       d.gap_min, d.gap_max, d.daily_cap, d.quiet_from, d.quiet_to, d.zone, d.warm_from, d.warm_days, d.warm_limits
from seqconsole.devices d
left join user_devices u on u.id = d.device_id
order by name, d.device_id;
