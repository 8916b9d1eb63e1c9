-- The start of a warm-up as it was before the operation.
update seqconsole.devices d
set warm_from = (r.before ->> 'warm_from')::timestamptz
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
where r.rel = 'seqconsole.devices'
  and d.device_id = r.row_id::uuid;
