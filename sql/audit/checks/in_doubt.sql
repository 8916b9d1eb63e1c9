-- title: nobody knows whether a message was sent
-- means: Only a receipt or a person can settle it. Those that the engine recorded are noted, not counted: it never sends them again.
-- needs: broadcast_messages(id, recipient_phone, status)
with
-- include: audit/sources/messages
,
-- include: audit/sources/doubts
select count(*) filter (where d.message_id is null) over () as found, count(d.message_id) over () as noted,
       m.person as phone, m.device_id, m.step_id, m.touched_at as since, m.error, d.message_id is not null as recorded,
       array[m.id] as ids
from messages m
left join doubts d on d.message_id = m.id
where m.status = 'unknown'
order by recorded, m.touched_at nulls first, m.id
limit :'examples'::int;
