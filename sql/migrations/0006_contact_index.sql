-- no transaction
-- locks: SHARE UPDATE EXCLUSIVE on sequence_contacts (reads and writes go on); time: about 10 s per million rows.
-- One person's rows of one sequence, over all spellings of the phone: next step, and duplicates.
drop index concurrently if exists seqconsole_contact_person;
create index concurrently seqconsole_contact_person
    on sequence_contacts (sequence_id, (seqconsole.phone_key(contact_phone)) collate "C", sequence_stepid);
