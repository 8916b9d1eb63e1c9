-- A second row, pending, for a step that was completed: sent again by whoever does not look.
alter table sequence_contacts drop constraint if exists uk_sequence_contact_stepid;
insert into sequence_contacts (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                               next_trigger_time, assigned_device_id, user_id)
select pg_temp.row_id(v.p, 101), c.sequence_id, c.contact_phone, 'Copy of ' || c.contact_name, c.current_step,
       c.sequence_stepid, 'pending', v.due, c.assigned_device_id, c.user_id
from people v join sequence_contacts c on c.id = pg_temp.row_id(v.p, 1)
where v.grp = :'defect';
select v.p, pg_temp.row_id(v.p, d) from people v, unnest(array[1, 101]) d where v.grp = :'defect';
