-- The same person in a second sequence of the same user, due on the same two days: the first is told.
insert into sequence_contacts (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                               next_trigger_time, assigned_device_id, user_id)
select pg_temp.row_id(v.p, 401 + d), pg_temp.sequence_id((v.nth + 3) % 6), v.phone, v.name, d, pg_temp.step_id((v.nth + 3) % 6, d),
       'pending', v.due + interval '1 day' * (d - 1), v.device_id, v.user_id
from people v, generate_series(1, 2) d where v.grp = :'defect';
select v.p, pg_temp.row_id(v.p, d) from people v, unnest(array[2, 402]) d where v.grp = :'defect';
