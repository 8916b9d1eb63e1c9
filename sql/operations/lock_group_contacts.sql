-- Groups, last lock: their contact rows; what another session holds is left out.
select c.id
from sequence_contacts c
join (select distinct sequence_id, phone_key collate "C" as phone_key, step_id
      from unnest(:'sequences'::uuid[], :'phones'::text[], :'steps'::uuid[]) as g(sequence_id, phone_key, step_id)) g
  on c.sequence_id = g.sequence_id and seqconsole.phone_key(c.contact_phone) = g.phone_key
 and c.sequence_stepid = g.step_id
order by c.id
for update of c skip locked;
