-- Devices changed: whoever waited for one is judged again, and what a vanished one held waits for another. A gate of the
-- row itself stays as it is: the device's coming back opens none.
with back as (
    update seqconsole.progress p
    set device_id = m.device_id,
        at = case when p.gate = 'device'
                  then greatest(m.scheduled_at::timestamptz, p.due_at, :'now'::timestamptz, nullif(p.at, 'infinity'))
                  else p.at end,
        gate = nullif(p.gate, 'device')
    from broadcast_messages m
    where p.device_id is null and p.state = 'r' and m.id = p.message_id and m.device_id = any(:'ids'::uuid[])
      and exists (select 1 from user_devices u where u.id = m.device_id)
),
lost as (   -- what has an end waits for it, and for a device
    update seqconsole.progress p
    set device_id = null, at = case when p.gate is null then 'infinity' else p.at end,
        gate = case when p.gate is null or p.at < 'infinity' then 'device' else p.gate end
    where p.state = 'r' and p.device_id = any(:'ids'::uuid[])
      and not exists (select 1 from user_devices u where u.id = p.device_id)
),
homeless as (   -- what waits chooses another one when it is due
    update seqconsole.progress p
    set device_id = null
    where p.state = 'w' and p.device_id = any(:'ids'::uuid[])
      and not exists (select 1 from user_devices u where u.id = p.device_id)
)
update seqconsole.progress
set at = coalesce(due_at, :'now'::timestamptz), gate = null
where gate = 'device' and state = 'w';
