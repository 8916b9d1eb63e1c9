-- A step that waits less than nothing. With no contact in its sequence.
insert into sequences (id, user_id, name, trigger)
select md5(:'seed' || :'defect' || v.p)::uuid, v.user_id, 'Negative ' || v.p, 'NEGATIVE' || v.p
from people v where v.grp = :'defect';
insert into sequence_steps (id, sequence_id, day_number, trigger_delay_hours, content)
select md5(:'seed' || :'defect' || v.p || ':1')::uuid, md5(:'seed' || :'defect' || v.p)::uuid, 1, -5, 'Step 1'
from people v where v.grp = :'defect'
returning id, id;
