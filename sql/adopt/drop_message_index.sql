-- The ledger is filled without this index, which is built when the queue has been read: half the work.
drop index if exists seqconsole.deliveries_message;
