-- Leads whose words are not as an enrolment left them.
select r.unit, 'its lead was changed since' as why
from seqconsole.operation_rows r
left join leads l on l.id = r.row_id::uuid
where r.operation_id = :'operation'::bigint and r.rel = 'leads' and r.unit = any(:'units'::text[])
  and (l.id is null or l.trigger::text is distinct from r.after ->> 'trigger');
