-- Devices changed: whoever waited for one is judged again by schedule.
update seqconsole.progress
set at = coalesce(due_at, :'now'::timestamptz), gate = null
where gate = 'device' and state = 'w';
