-- A message in a state that means nothing to us; its contact row is pending.
insert into broadcast_messages (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content, status,
                                scheduled_at, created_at, updated_at)
select pg_temp.message_id(v.p, 2), v.user_id, v.device_id, v.sequence_id, pg_temp.step_id(v.nth, 2), v.phone, 'Hello',
       'archived', x.at, x.at, x.at
from people v, lateral (select clock_timestamp() - interval '30 minutes' as at) x where v.grp = :'defect'
returning id, id;
