-- The open work of these people: their tracks, and their campaign messages (their track is the message).
select p.track, p.phone_key as phone, p.track is not distinct from p.message_id as campaign
from seqconsole.progress p
where p.phone_key = any(:'keys'::text[] collate "C")
order by p.track, p.phone_key;
