-- Nothing of the operation is left to undo.
update seqconsole.operations set undone_by = :'undo'::bigint where id = :'operation'::bigint;
