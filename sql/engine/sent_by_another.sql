-- Messages of another sender that say sent, for the person and step of these of ours that come back into the queue. While
-- ours was in flight the ledger kept to it.
select x.id
from seqconsole.deliveries d
join broadcast_messages x
  on (seqconsole.phone_key(x.recipient_phone) collate "C") = d.phone_key and x.sequence_stepid = d.step_id
join seqconsole.codes c on c.source = 'foreign' and c.code = lower(x.status::text) and c.meaning = 'sent'
where d.message_id = any(:'ids'::uuid[]) and d.outcome is null and x.id <> d.message_id
  and not exists (select 1 from seqconsole.deliveries o where o.message_id = x.id);   -- of a run before
