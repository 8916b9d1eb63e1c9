-- The key of the time when a contact had one row: the rows of its other steps can't be inserted.
alter table sequence_contacts drop constraint if exists uk_sequence_contact_stepid;
delete from sequence_contacts c
using (select id, row_number() over (partition by sequence_id, contact_phone order by status = 'completed', current_step) nth
       from sequence_contacts) x
where x.id = c.id and x.nth > 1;
alter table sequence_contacts add constraint sequence_contacts_sequence_id_contact_phone_key unique (sequence_id, contact_phone);
select x, x from (values ('sequence_contacts_sequence_id_contact_phone_key')) v (x);
