-- locks: none on the operator's tables.
-- An operation writes each row's image before, then the one after: with room on its page that is a change in place,
-- without new entries in three indexes.
alter table seqconsole.operation_rows set (fillfactor = 55);
