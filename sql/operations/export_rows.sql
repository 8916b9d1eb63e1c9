-- The rows of one operation with their images, a page at a time in the order of the key; no after: removed, and before is
-- the archive of it.
select operation_id, unit, rel, row_id, before::text as before, after::text as after
from seqconsole.operation_rows
where operation_id = :'operation'::bigint and (rel, row_id) > (:'after_rel', :'after_row')
order by rel, row_id
limit :'limit'::int;
