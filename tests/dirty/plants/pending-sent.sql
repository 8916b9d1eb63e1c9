-- The row was set back to pending; its message was sent.
insert into broadcast_messages (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content, status,
                                scheduled_at, sent_at, created_at, updated_at)
select pg_temp.message_id(v.p, 2), v.user_id, v.device_id, v.sequence_id, pg_temp.step_id(v.nth, 2), v.phone, 'Hello',
       'sent', x.at, x.at, x.at, x.at
from people v, lateral (select clock_timestamp() - interval '30 minutes' as at) x where v.grp = :'defect';
select pg_temp.row_id(v.p, 2), pg_temp.row_id(v.p, 2) from people v where v.grp = :'defect';
