-- Repairs, third lock: the ledger of these people and steps, in order.
select d.message_id
from seqconsole.deliveries d
join (select distinct phone_key collate "C" as phone_key, step_id
      from unnest(:'phones'::text[], :'steps'::uuid[]) as g(phone_key, step_id)) g using (phone_key, step_id)
order by d.phone_key, d.step_id, d.run
for update of d;
