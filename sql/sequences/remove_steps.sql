-- Steps that an operation added.
delete from sequence_steps s
using seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = 'sequence_steps' and r.unit = any(:'units'::text[]) and r.before is null
  and s.id = r.row_id::uuid;
