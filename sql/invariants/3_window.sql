-- DESIGN 10.3: never more than the limit in any sliding window, per device, by the attempts' upper bounds.
select device_id, send_limit, first_charge, charge
from (
    select a.device_id, a.charge, d.send_limit, d.send_window,
           (array_agg(a.charge) over (partition by a.device_id order by a.charge
                                      rows between unbounded preceding and current row))
               [row_number() over (partition by a.device_id order by a.charge) - d.send_limit] as first_charge
    from seqconsole.attempts a
    join seqconsole.devices d using (device_id)
    where a.charge is not null
) w
where charge - first_charge < send_window;
