-- A second row for the open step: one pending, the other pending, active or failed.
alter table sequence_contacts drop constraint if exists uk_sequence_contact_stepid;
insert into sequence_contacts (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status,
                               next_trigger_time, assigned_device_id, processing_started_at, user_id)
select pg_temp.row_id(v.p, 102), c.sequence_id, c.contact_phone, 'Copy of ' || c.contact_name, c.current_step,
       c.sequence_stepid, (array['active', 'pending', 'failed'])[1 + v.p % 3], c.next_trigger_time + interval '5 minutes',
       c.assigned_device_id, case when v.p % 3 = 0 then clock_timestamp() - interval '5 minutes' end, c.user_id
from people v join sequence_contacts c on c.id = pg_temp.row_id(v.p, 2)
where v.grp = :'defect';
select v.p, pg_temp.row_id(v.p, d) from people v, unnest(array[2, 102]) d where v.grp = :'defect';
