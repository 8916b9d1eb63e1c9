-- Queued messages to their new devices.
update broadcast_messages m
set device_id = k.device_id, updated_at = :'now'::timestamptz
from unnest(:'ids'::uuid[], :'devices'::uuid[]) as k(id, device_id)
where m.id = k.id and m.status::text = 'pending';
