-- Second lock: the queued messages that nobody has claimed and that are still the device's; what another session holds is
-- left out.
select m.id
from broadcast_messages m
where m.id = any(:'ids'::uuid[]) and m.device_id = :'device'::uuid and m.status::text = 'pending'
order by m.id
for update of m skip locked;
