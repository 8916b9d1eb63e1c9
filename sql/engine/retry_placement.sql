-- Devices changed: whoever waited for one is judged again, and what a vanished one held waits for another.
with back as (
    update seqconsole.progress p
    set device_id = m.device_id, gate = null,
        at = greatest(m.scheduled_at::timestamptz, p.due_at, :'now'::timestamptz, nullif(p.at, 'infinity'))
    from broadcast_messages m
    where p.gate = 'device' and p.state = 'r' and m.id = p.message_id and m.device_id = any(:'ids'::uuid[])
      and exists (select 1 from user_devices u where u.id = m.device_id)
),
lost as (
    update seqconsole.progress p
    set device_id = null, at = 'infinity', gate = 'device'
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
