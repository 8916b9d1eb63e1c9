-- Groups, second lock: the messages of these people and steps; what another session holds is left out.
select m.id
from broadcast_messages m
join (select distinct phone_key collate "C" as phone_key, step_id
      from unnest(:'phones'::text[], :'steps'::uuid[]) as g(phone_key, step_id)) g
  on seqconsole.phone_key(m.recipient_phone) = g.phone_key and m.sequence_stepid = g.step_id
order by m.id
for update of m skip locked;
