-- Steps were made anew: a row with the old step's id stands beside the one with the new id, for one day number.
insert into sequence_contacts (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                               next_trigger_time, assigned_device_id, user_id)
select pg_temp.row_id(v.p, 302), c.sequence_id, c.contact_phone, c.contact_name, c.current_step,
       md5(:'seed' || ':old:' || v.p)::uuid, 'pending', c.next_trigger_time, c.assigned_device_id, c.user_id
from people v join sequence_contacts c on c.id = pg_temp.row_id(v.p, 2)
where v.grp = :'defect';
select v.p, pg_temp.row_id(v.p, d) from people v, unnest(array[2, 302]) d where v.grp = :'defect';
