-- Groups for which something was tried after the operation.
select distinct g.sequence_id::text || '|' || g.phone_key || '|' || g.step_id::text as unit
from (select distinct sequence_id, phone_key collate "C" as phone_key, step_id
      from unnest(:'sequences'::uuid[], :'phones'::text[], :'steps'::uuid[]) as g(sequence_id, phone_key, step_id)) g
join lateral (
    select d.message_id from seqconsole.deliveries d where d.phone_key = g.phone_key and d.step_id = g.step_id
    union
    select m.id from broadcast_messages m
    where seqconsole.phone_key(m.recipient_phone) = g.phone_key and m.sequence_stepid = g.step_id
) m on true
join seqconsole.attempts a on a.message_id = m.message_id
where a.claimed_at > :'at'::timestamptz
   or a.claimed_at = :'at'::timestamptz and (a.outcome is null or a.settled_at > :'at'::timestamptz)
   or a.outcome is not null and a.settled_at > :'at'::timestamptz;
