-- no transaction
-- locks: SHARE UPDATE EXCLUSIVE on broadcast_messages (reads and writes go on); time: about 10 s per million rows.
-- One person's messages, over all spellings of the phone: adoption of history, surplus messages.
drop index concurrently if exists seqconsole_message_person;
create index concurrently seqconsole_message_person
    on broadcast_messages ((seqconsole.phone_key(recipient_phone)) collate "C", sequence_stepid);
