-- locks: none on the operator's tables.
-- Undo goes through an operation unit by unit.
create index operation_rows_unit on seqconsole.operation_rows (operation_id, unit);
