-- A unique index over an expression: ON CONFLICT (columns) can't infer it.
alter table sequence_contacts drop constraint if exists uk_sequence_contact_stepid;
create unique index uq_sequence_contact_stepid_lower
    on sequence_contacts (sequence_id, lower(contact_phone), sequence_stepid) where contact_name not like 'Copy%';
select 'uq_sequence_contact_stepid_lower', 'uq_sequence_contact_stepid_lower';
