-- A completed contact row is evidence of a send also where its message is gone (message_id = nil).
insert into seqconsole.deliveries as d (phone_key, step_id, run, message_id, contact_id, device_id, outcome, evidence, settled_at)
select distinct on (k.phone_key, c.sequence_stepid)
       k.phone_key, c.sequence_stepid, 1, '00000000-0000-0000-0000-000000000000', c.id, c.assigned_device_id,
       's', 'h', coalesce(c.completed_at::timestamptz, :'now'::timestamptz)
from sequence_contacts c,
     lateral (select seqconsole.phone_key(c.contact_phone) as phone_key) k
where c.id = any(:'ids'::uuid[])
  and c.status::text = 'completed' and c.sequence_stepid is not null and k.phone_key is not null
  and (exists (select 1 from seqconsole.deliveries x
               where x.phone_key = (k.phone_key collate "C") and x.step_id = c.sequence_stepid and x.run = 1)
       or not exists (   -- sent since the queue was read: the feed has it
           select 1 from broadcast_messages m
           where seqconsole.phone_key(m.recipient_phone) = (k.phone_key collate "C") and m.sequence_stepid = c.sequence_stepid))
order by k.phone_key, c.sequence_stepid, c.completed_at, c.id
on conflict (phone_key, step_id, run) do update
set contact_id = coalesce(d.contact_id, excluded.contact_id)
where d.contact_id is null;
