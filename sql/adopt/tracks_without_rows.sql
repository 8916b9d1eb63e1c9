-- Tracks that have a queued message but no contact row.
select distinct m.sequence_id as track, k.phone_key as phone
from broadcast_messages m,
     lateral (select seqconsole.phone_key(m.recipient_phone) as phone_key) k
where m.id = any(:'ids'::uuid[]) and m.sequence_id is not null and m.sequence_stepid is not null
  and k.phone_key is not null
  and not exists (select 1 from sequence_contacts c
                  where c.sequence_id = m.sequence_id
                    and seqconsole.phone_key(c.contact_phone) = (k.phone_key collate "C"));
