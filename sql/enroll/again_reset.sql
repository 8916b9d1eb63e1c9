-- The rows that these people have wait for their times again.
with step as materialized (
    select s.id, sum(coalesce(s.trigger_delay_hours, 24)) over (order by s.day_number, s.id) as hours
    from sequence_steps s
    where s.sequence_id = :'sequence'::uuid
)
update sequence_contacts c
set status = 'pending', completed_at = null, last_error = null, retry_count = 0, processing_device_id = null,
    processing_started_at = null, next_trigger_time = :'now'::timestamptz + make_interval(hours => s.hours::int)
from step s
where c.id = any(:'ids'::uuid[]) and s.id = c.sequence_stepid;
