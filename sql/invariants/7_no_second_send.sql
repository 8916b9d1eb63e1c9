-- DESIGN 10.7: what was sent is never queued again: no open row, message or work beside a delivery that is sent.
select 'message' as what, m.id
from seqconsole.deliveries d
join broadcast_messages m
  on seqconsole.phone_key(m.recipient_phone) = d.phone_key and m.sequence_stepid = d.step_id
where d.outcome = 's' and m.status::text = 'sending' and m.id <> d.message_id
  and not exists (select 1 from seqconsole.deliveries o   -- enrolled again: each run has a message of its own
                   where o.phone_key = d.phone_key and o.step_id = d.step_id and o.message_id = m.id)
union all
select 'open work', p.contact_id
from seqconsole.progress p
join seqconsole.deliveries d on d.phone_key = p.phone_key and d.step_id = p.step_id and d.run = p.run
where d.outcome = 's' and p.state in ('w', 'r', 's') and p.gate is null;
