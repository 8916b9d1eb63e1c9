-- The contact rows that an enrolment added.
delete from sequence_contacts c
using (select json_array_elements_text(r.after -> 'rows')::uuid as id
       from seqconsole.operation_rows r
       where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.enrolments' and r.unit = any(:'units'::text[])) x
where c.id = x.id;
