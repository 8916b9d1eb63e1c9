-- An undo is the operation read backwards.
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'undo'::bigint, unit, rel, row_id, after, before
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]);
