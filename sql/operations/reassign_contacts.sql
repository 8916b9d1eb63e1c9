-- Contact rows to their new devices.
update sequence_contacts c
set assigned_device_id = k.device_id
from unnest(:'ids'::uuid[], :'devices'::uuid[]) as k(id, device_id)
where c.id = k.id;
