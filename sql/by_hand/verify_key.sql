-- Can ON CONFLICT (sequence_id, contact_phone, sequence_stepid) work here? Every unique index of sequence_contacts, and
-- whether it is the key that is inferred. Read-only. Run:  psql -f verify_key.sql "service=work"
--   no row says `yes`          -> the key is missing; fix_sequence_duplicates.sql builds it once no duplicate is left
--   `no: INVALID`              -> a build was interrupted: drop index concurrently, and build it again
--   `no: one row a contact`    -> UNIQUE (sequence_id, contact_phone) forbids a second step: replace it
\set ON_ERROR_STOP on
begin transaction isolation level repeatable read read only;
select i.indexrelid::regclass as index, pg_get_indexdef(i.indexrelid) as definition,
       case
           when not i.indisvalid then 'no: INVALID'
           when i.indpred is not null then 'no: partial'
           when i.indexprs is not null then 'no: on an expression'
           when k.columns = array['contact_phone', 'sequence_id', 'sequence_stepid'] then 'yes'
           when k.columns = array['contact_phone', 'sequence_id'] then 'no: one row a contact'
           else 'no: other columns'
       end as is_the_key
from pg_index i
cross join lateral (
    select array_agg(a.attname::text order by a.attname::text) as columns
    from unnest(i.indkey::int2[]) with ordinality as c(attnum, place)
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = c.attnum
    where c.place <= i.indnkeyatts
) k
where i.indrelid = 'sequence_contacts'::regclass and i.indisunique
order by 1;
rollback;
