-- A unique key under a near-identical name, over the day number instead of the step's id.
alter table sequence_contacts drop constraint if exists uk_sequence_contact_stepid;
create unique index uk_sequence_contact_step on sequence_contacts (sequence_id, contact_phone, current_step, id);
select 'uk_sequence_contact_step', 'uk_sequence_contact_step';
