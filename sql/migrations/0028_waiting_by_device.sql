-- locks: none on the operator's tables.
-- The due steps of each device, so that a bulk of one device lets the steps of the others through.
create index progress_waiting on seqconsole.progress (device_id, at) where state = 'w';
