-- A queued message without a time: counted by every list, claimed by nobody.
update sequence_contacts c set status = 'active', processing_started_at = clock_timestamp() - interval '5 minutes'
from people v where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, 2);
insert into broadcast_messages (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content, status)
select pg_temp.message_id(v.p, 2), v.user_id, v.device_id, v.sequence_id, pg_temp.step_id(v.nth, 2), v.phone, 'Hello', 'pending'
from people v where v.grp = :'defect'
returning id, id;
