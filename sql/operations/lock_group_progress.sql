-- Groups, first lock: the open work of their tracks, in order.
select p.track
from seqconsole.progress p
join (select distinct sequence_id, phone_key collate "C" as phone_key, step_id
      from unnest(:'sequences'::uuid[], :'phones'::text[], :'steps'::uuid[]) as g(sequence_id, phone_key, step_id)) g
  on p.track = g.sequence_id and p.phone_key = g.phone_key
order by p.track, p.phone_key
for update of p;
