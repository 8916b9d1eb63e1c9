-- People who have several contact rows for one step, over all spellings of their number. No row = none.
-- Read-only. Run:  psql -v country=60 -f verify_duplicates.sql "service=work"
-- Each of these rows may be sent. fix_sequence_duplicates.sql keeps one of each and archives the others.
\set ON_ERROR_STOP on
\ir phone_key.sql
begin transaction isolation level repeatable read read only;
with contact as (
    select id, sequence_id, sequence_stepid, status::text as status, contact_phone, :phone_key as person
    from (select id, sequence_id, sequence_stepid, status, contact_phone, contact_phone::text as phone
          from sequence_contacts) c
)
select person, sequence_id, sequence_stepid, count(*) as rows, count(distinct contact_phone) as spellings,
       array_agg(status order by id) as states, array_agg(id order by id) as ids
from contact
where person is not null and sequence_id is not null
  and sequence_stepid::text in (select id::text from sequence_steps)
group by person, sequence_id, sequence_stepid
having count(*) > 1
order by rows desc, person, sequence_id, sequence_stepid;
rollback;
