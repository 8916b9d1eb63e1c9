-- Leads get back the word that an enrolment took.
update leads l
set trigger = r.before ->> 'trigger'
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = 'leads' and r.unit = any(:'units'::text[])
  and l.id = r.row_id::uuid;
