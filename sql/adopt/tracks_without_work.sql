-- Tracks that have a queued message but no open work yet: their contact rows are missing, or say that nothing is open.
select distinct m.sequence_id as track, k.phone_key as phone
from broadcast_messages m,
     lateral (select seqconsole.phone_key(m.recipient_phone) as phone_key) k
where m.id = any(:'ids'::uuid[]) and m.sequence_id is not null and m.sequence_stepid is not null
  and k.phone_key is not null
  and not exists (select 1 from seqconsole.progress p
                  where p.track = m.sequence_id and p.phone_key = (k.phone_key collate "C"));
