-- The key that ON CONFLICT needs was lost in a copy of the database.
alter table sequence_contacts drop constraint if exists uk_sequence_contact_stepid;
select 'sequence_contacts', 'sequence_contacts';
