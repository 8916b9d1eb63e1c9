-- no transaction
-- locks: SHARE UPDATE EXCLUSIVE on broadcast_messages (reads and writes go on).
-- A device's latest messages, for its screen.
drop index concurrently if exists seqconsole_message_device;
create index concurrently seqconsole_message_device on broadcast_messages (device_id, status, scheduled_at);
