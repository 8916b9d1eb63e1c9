-- Open work whose contact row or message is gone.
select p.track, p.phone_key as phone, p.track is not distinct from p.message_id as campaign
from seqconsole.progress p
left join sequence_contacts c on c.id = p.contact_id
left join broadcast_messages m on m.id = p.message_id
where p.contact_id is not null and c.id is null or p.message_id is not null and m.id is null;
