-- The same columns three times, under near-identical names.
create unique index sequence_contacts_unique on sequence_contacts (sequence_id, contact_phone, sequence_stepid);
create unique index uq_sequence_contacts_stepid on sequence_contacts (contact_phone, sequence_id, sequence_stepid);
select x, x from unnest(array['sequence_contacts_unique', 'uq_sequence_contacts_stepid']) x;
