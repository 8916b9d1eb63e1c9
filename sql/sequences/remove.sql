-- A sequence that an operation made, unless somebody gave it steps of another kind meanwhile.
delete from sequences q
using seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = 'sequences' and r.unit = any(:'units'::text[]) and r.before is null
  and q.id = r.row_id::uuid;
