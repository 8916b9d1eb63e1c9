-- People who were sent one step more than once, over devices and spellings. No row = nobody.
-- Read-only. Run:  psql -v country=60 -f verify_sent_twice.sql "service=work"
\set ON_ERROR_STOP on
\ir phone_key.sql
begin transaction isolation level repeatable read read only;
with message as (
    select id, device_id, sequence_stepid, sent_at, recipient_phone, coalesce(:phone_key, btrim(phone)) as person
    from (select id, device_id, sequence_stepid, sent_at, status, recipient_phone, recipient_phone::text as phone
          from broadcast_messages) m
    where lower(status::text) in ('sent', 'success', 'delivered') and sequence_stepid is not null
)
select person, sequence_stepid, count(*) as times, count(distinct device_id) as devices,
       count(distinct recipient_phone) as spellings, min(sent_at) as first_at, max(sent_at) as last_at,
       array_agg(id order by sent_at, id) as ids
from message
group by person, sequence_stepid
having count(*) > 1
order by times desc, person, sequence_stepid;
rollback;
