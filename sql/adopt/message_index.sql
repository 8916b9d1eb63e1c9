-- The index as 0002 made it.
create index if not exists deliveries_message on seqconsole.deliveries (message_id);
