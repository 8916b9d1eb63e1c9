-- Two steps of one contact are active, both queued.
update sequence_contacts c
set status = 'active', processing_started_at = clock_timestamp() - interval '5 minutes',
    processing_device_id = c.assigned_device_id, next_trigger_time = clock_timestamp() - interval '6 minutes'
from people v, generate_series(2, 3) d where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, d);
insert into broadcast_messages (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content, status,
                                scheduled_at, created_at, updated_at)
select pg_temp.message_id(v.p, d), v.user_id, v.device_id, v.sequence_id, pg_temp.step_id(v.nth, d), v.phone, 'Hello',
       'pending', x.at, x.at, x.at
from people v, generate_series(2, 3) d, lateral (select clock_timestamp() - interval '5 minutes' as at) x
where v.grp = :'defect';
select v.p, pg_temp.row_id(v.p, d) from people v, generate_series(2, 3) d where v.grp = :'defect';
