-- The open work of these people: their tracks, and their campaign messages (nil sequence).
select p.track, p.phone_key as phone, p.sequence_id = '00000000-0000-0000-0000-000000000000' as campaign
from seqconsole.progress p
where p.phone_key = any(:'keys'::text[] collate "C")
order by p.track, p.phone_key;
