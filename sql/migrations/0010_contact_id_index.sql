-- no transaction
-- skip when: adopt/contacts_have_id_index
-- locks: SHARE UPDATE EXCLUSIVE on sequence_contacts (reads and writes go on).
-- Rows are addressed by id; a table that came without any key gets an index on it.
drop index concurrently if exists seqconsole_contact_id;
create unique index concurrently seqconsole_contact_id on sequence_contacts (id);
