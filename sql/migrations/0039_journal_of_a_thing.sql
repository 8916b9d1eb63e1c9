-- locks: none on the operator's tables.
-- The operations that name a device, for its screen.
create index operations_target on seqconsole.operations using gin (target jsonb_path_ops);
