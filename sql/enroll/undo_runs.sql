-- The enrolment of the earlier run, once the later one is gone.
update seqconsole.enrolments e
set run = 1
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.enrolments' and r.unit = any(:'units'::text[])
  and e.sequence_id = split_part(r.unit, '|', 1)::uuid and e.phone_key = (split_part(r.unit, '|', 2) collate "C")
  and e.run = (r.after ->> 'earlier')::smallint;
