-- Two active sequences of one user that the same trigger enters.
insert into sequences (id, user_id, name, trigger)
select md5(:'seed' || :'defect' || v.p || x)::uuid, v.user_id, 'Shared ' || v.p || x, 'SHARED' || v.p
from people v, unnest(array['1', '2']) x where v.grp = :'defect';
select v.p, md5(:'seed' || :'defect' || v.p || x)::uuid
from people v, unnest(array['1', '2']) x where v.grp = :'defect';
