-- title: a step is still open though its message was sent
-- means: The contact row says pending, active or failed: it would be sent again. It should be completed.
-- needs: sequence_contacts(id, sequence_id, contact_phone, status, sequence_stepid), broadcast_messages(id, recipient_phone, status, sequence_stepid)
with
-- include: audit/sources/contacts
,
-- include: audit/sources/messages
,
sent as (
    select person, step_id, min(sent_at) as at, min(id) as id
    from messages
    where meaning = 'sent' and step_id is not null and phone is not null
    group by person, step_id
)
select count(*) over () as found, c.person as phone, c.sequence_id, c.step_id, c.status, s.at as sent_at,
       array[c.id, s.id] as ids
from contacts c
join sent s on s.person = c.person and s.step_id = c.step_id
where c.status not in ('completed', 'skipped', 'sent')
  and not exists (select 1 from contacts done
                  where done.person = c.person and done.step_id = c.step_id and done.status = 'completed')
order by s.at nulls last, c.id
limit :'examples'::int;
