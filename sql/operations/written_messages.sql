-- The messages that an operation wrote, of some of its units.
select r.row_id::uuid as id
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = 'broadcast_messages' and r.unit = any(:'units'::text[])
order by r.row_id;
