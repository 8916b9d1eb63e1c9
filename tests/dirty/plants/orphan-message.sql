-- A queued message of a device, step or sequence that was deleted, or of none.
insert into broadcast_messages (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, content, status,
                                scheduled_at, created_at, updated_at)
select md5(:'seed' || :'defect' || v.p || x.nth)::uuid, v.user_id, x.device_id, x.sequence_id, x.step_id, v.phone, 'Hello',
       'pending', clock_timestamp(), clock_timestamp(), clock_timestamp()
from people v,
     lateral (values (1, null, null, null), (2, md5(v.phone)::uuid, null, null),
                     (3, v.device_id, v.sequence_id, md5(v.phone)::uuid), (4, v.device_id, md5(v.phone)::uuid, null))
         x (nth, device_id, sequence_id, step_id)
where v.grp = :'defect'
returning id, id;
