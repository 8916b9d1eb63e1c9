-- title: a step was sent before its due time
-- means: The message went out before its `scheduled_at`, or before the `next_trigger_time` of its contact row.
-- needs: broadcast_messages(id, recipient_phone, status, sent_at, scheduled_at, sequence_stepid), sequence_contacts(id, contact_phone, status, sequence_stepid, next_trigger_time)
with
-- include: audit/sources/contacts
,
-- include: audit/sources/messages
,
due as (
    select person, step_id, min(due) as at
    from contacts
    where status = 'completed' and step_id is not null and phone is not null
    group by person, step_id
)
select count(*) over () as found, m.person as phone, m.step_id, m.device_id, m.sent_at, greatest(m.scheduled_at, d.at) as due_at,
       greatest(m.scheduled_at, d.at) - m.sent_at as too_soon, array[m.id] as ids
from messages m
left join due d on d.person = m.person and d.step_id = m.step_id
where m.meaning = 'sent' and m.sent_at < greatest(m.scheduled_at, d.at) and m.phone is not null
order by greatest(m.scheduled_at, d.at) - m.sent_at desc, m.id
limit :'examples'::int;
