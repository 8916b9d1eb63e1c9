-- Devices that could go by their slot and may not by cap, quiet hours or window: their next slot is planned, so that
-- a claim does not look at them again and again.
update seqconsole.devices d
set slot_at = x.opens_at
from (
    select device_id, opens_at
    from (
        select d.device_id, seqconsole.throttle_opens(
                   :'now'::timestamptz, d.ring, d.send_limit, d.send_window, d.warm_from, d.warm_days, d.warm_limits,
                   d.daily_cap, d.day, d.day_sent, d.quiet_from, d.quiet_to, d.zone) as opens_at
        from seqconsole.devices d
        where d.slot_at <= :'now'::timestamptz
          and (d.quiet_from is not null or d.daily_cap is not null or d.send_limit = 0 or d.warm_limits <> '{}')
        order by d.slot_at
        limit :'limit'::int
        for update skip locked
    ) free
    where opens_at > :'now'::timestamptz
) x
where d.device_id = x.device_id and d.slot_at <= :'now'::timestamptz;
