-- Active since hours, though its message was sent: the state was never copied back.
update sequence_contacts c
set status = 'active', processing_started_at = clock_timestamp() - interval '5 hours',
    next_trigger_time = clock_timestamp() - interval '6 hours'
from people v where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, 2);
insert into broadcast_messages (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content, status,
                                scheduled_at, sent_at, created_at, updated_at)
select pg_temp.message_id(v.p, 2), v.user_id, v.device_id, v.sequence_id, pg_temp.step_id(v.nth, 2), v.phone, 'Hello',
       'sent', x.at, x.at, x.at, x.at
from people v, lateral (select clock_timestamp() - interval '5 hours' as at) x where v.grp = :'defect';
select pg_temp.row_id(v.p, 2), pg_temp.row_id(v.p, 2) from people v where v.grp = :'defect';
