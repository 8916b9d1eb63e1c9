-- Leads whose words are not as an enrolment left them.
select r.unit, 'its lead was changed since' as why
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
left join leads l on l.id = r.row_id::uuid
where r.rel = 'leads' and (l.id is null or l.trigger::text is distinct from r.after ->> 'trigger');
