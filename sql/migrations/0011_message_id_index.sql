-- no transaction
-- skip when: adopt/messages_have_id_index
-- locks: SHARE UPDATE EXCLUSIVE on broadcast_messages (reads and writes go on).
-- Rows are addressed by id; a table that came without any key gets an index on it.
drop index concurrently if exists seqconsole_message_id;
create unique index concurrently seqconsole_message_id on broadcast_messages (id);
