-- Two devices that say they have the same phone.
insert into user_devices (id, user_id, device_name, phone, status)
select md5(:'seed' || :'defect' || v.p || x)::uuid, v.user_id, 'Same phone ' || v.p || x, '60177' || v.p, 'online'
from people v, unnest(array['1', '2']) x where v.grp = :'defect';
select v.p, md5(:'seed' || :'defect' || v.p || x)::uuid
from people v, unnest(array['1', '2']) x where v.grp = :'defect';
