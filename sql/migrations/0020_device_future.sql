-- no transaction
-- locks: none on the operator's tables; SHARE UPDATE EXCLUSIVE on two of ours (reads and writes go on).
-- A device's future: what waits for it and what was given up, without a look at the whole open work; and an
-- operation's rows by their unit, so that undo of a large one reads each of them once.
drop index concurrently if exists seqconsole.progress_device;
create index concurrently progress_device on seqconsole.progress (device_id) where state in ('w', 'f');
drop index concurrently if exists seqconsole.operation_rows_unit;
create index concurrently operation_rows_unit on seqconsole.operation_rows (operation_id, unit);
