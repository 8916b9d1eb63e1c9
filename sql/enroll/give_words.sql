-- Leads get back the word that an enrolment took.
with taken as materialized (
    select r.row_id::uuid as id, r.before ->> 'trigger' as words
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel = 'leads'
)
update leads l
set trigger = t.words
from taken t
where l.id = any(array(select id from taken)) and l.id = t.id;
