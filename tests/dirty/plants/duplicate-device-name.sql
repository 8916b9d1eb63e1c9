-- A second device of the same user under the same name.
insert into user_devices (id, user_id, device_name, phone, status)
select md5(:'seed' || :'defect' || v.p || x)::uuid, v.user_id, 'Twin ' || v.p, x || '601' || v.p, 'online'
from people v, unnest(array['1', '2']) x where v.grp = :'defect';
select v.p, md5(:'seed' || :'defect' || v.p || x)::uuid
from people v, unnest(array['1', '2']) x where v.grp = :'defect';
