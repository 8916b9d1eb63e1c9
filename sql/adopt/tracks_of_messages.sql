-- Tracks whose message is queued though the contact row may be missing.
select distinct m.sequence_id as track, seqconsole.phone_key(m.recipient_phone) as phone
from broadcast_messages m
where m.id = any(:'ids'::uuid[]) and m.sequence_id is not null and m.sequence_stepid is not null
  and seqconsole.phone_key(m.recipient_phone) is not null;
