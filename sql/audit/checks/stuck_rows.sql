-- title: a contact row is stuck
-- means: In work for more than an hour (or since nobody knows when), and no message of its step is queued, sent or in doubt.
-- needs: sequence_contacts(id, sequence_id, contact_phone, status, sequence_stepid), broadcast_messages(id, recipient_phone, status, sequence_stepid)
with
-- include: audit/sources/contacts
,
-- include: audit/sources/messages
,
stuck as (
    select *, coalesce(claimed_at, due) as since
    from contacts
    where status in ('active', 'processing', 'queued', 'sending')
      and coalesce(claimed_at, due, '-infinity') < :'now'::timestamptz - interval '1 hour'
),
alone as (
    select s.* from stuck s
    where not exists (select 1 from messages m
                      where m.person = s.person and m.step_id = s.step_id and m.meaning in ('pending', 'sent', 'unknown'))
)
select count(*) over () as found, person as phone, sequence_id, step_id, status, since, claimed_by,
       array[id] as ids
from alone
order by since nulls first, id
limit :'examples'::int;
