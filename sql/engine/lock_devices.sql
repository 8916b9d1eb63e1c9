-- Devices, in order.
select d.device_id
from seqconsole.devices d
where d.device_id = any(:'ids'::uuid[])
order by d.device_id
for update;
