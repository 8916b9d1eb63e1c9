-- The device whose future is moved: by its id; one that is gone from user_devices is known by the messages it left.
select x.device_id, coalesce(u.device_name::text, x.device_id::text) as name, u.id is null as gone,
       case when u.id is not null then u.user_id else x.user_id end as user_id
from (
    select u.id as device_id, u.user_id from user_devices u where u.id = :'device'::uuid
    union all
    (select m.device_id, coalesce(m.user_id, q.user_id)
     from seqconsole.progress p
     join broadcast_messages m on m.id = p.message_id
     left join sequences q on q.id = m.sequence_id
     where p.gate = 'device' and p.state = 'r' and m.device_id = :'device'::uuid
     limit 1)
) x
left join user_devices u on u.id = x.device_id
limit 1;
