-- The start of a warm-up as it was before the operation.
update seqconsole.devices d
set warm_from = (r.before ->> 'warm_from')::timestamptz
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.devices' and r.unit = any(:'units'::text[])
  and d.device_id = r.row_id::uuid;
