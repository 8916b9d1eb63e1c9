-- Sequences to which an operation added steps that somebody has.
select distinct r.unit
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = 'sequence_steps' and r.unit = any(:'units'::text[]) and r.before is null
  and exists (select 1 from sequence_contacts c where c.sequence_id = r.unit::uuid and c.sequence_stepid = r.row_id::uuid);
