-- Sequences of which an operation set what follows a failed step.
select split_part(r.row_id, '|', 2)::uuid as id
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.settings' and r.row_id like 'sequence|%|on_failure';
