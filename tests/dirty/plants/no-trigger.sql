-- An active sequence that nobody can enter.
insert into sequences (id, user_id, name, trigger)
select md5(:'seed' || :'defect' || v.p)::uuid, v.user_id, 'No trigger ' || v.p, case v.p % 2 when 0 then '' end
from people v where v.grp = :'defect'
returning id, id;
