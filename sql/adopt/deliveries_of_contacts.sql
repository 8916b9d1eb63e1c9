-- A completed contact row is evidence of a send also where its message is gone (message_id = nil).
insert into seqconsole.deliveries as d (phone_key, step_id, run, message_id, contact_id, device_id, outcome, evidence, settled_at)
select distinct on (k.phone_key, c.sequence_stepid)
       k.phone_key, c.sequence_stepid, 1, '00000000-0000-0000-0000-000000000000', c.id, c.assigned_device_id,
       's', 'h', coalesce(c.completed_at::timestamptz, :'now'::timestamptz)
from sequence_contacts c,
     lateral (select seqconsole.phone_key(c.contact_phone) as phone_key) k
where c.id = any(:'ids'::uuid[])
  and c.status::text = 'completed' and c.sequence_stepid is not null and k.phone_key is not null
order by k.phone_key, c.sequence_stepid, c.completed_at, c.id
on conflict (phone_key, step_id, run) do update
set contact_id = coalesce(d.contact_id, excluded.contact_id)
where d.contact_id is null;
