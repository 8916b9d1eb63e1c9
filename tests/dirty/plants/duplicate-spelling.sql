-- The same person once more, under another spelling of the phone.
insert into sequence_contacts (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                               next_trigger_time, assigned_device_id, user_id)
select pg_temp.row_id(v.p, 202), c.sequence_id,
       case v.p % 2 when 0 then '+60 ' || substr(v.phone, 3, 2) || '-' || substr(v.phone, 5) else '00' || v.phone end,
       'Copy of ' || c.contact_name, c.current_step, c.sequence_stepid, 'pending', c.next_trigger_time,
       c.assigned_device_id, c.user_id
from people v join sequence_contacts c on c.id = pg_temp.row_id(v.p, 2)
where v.grp = :'defect';
select v.p, pg_temp.row_id(v.p, d) from people v, unnest(array[2, 202]) d where v.grp = :'defect';
