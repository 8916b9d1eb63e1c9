-- Of these ways of people through sequences (or campaign messages), those on which something was tried since.
select distinct t.unit
from unnest(:'units'::text[]) as t(unit)
cross join lateral (select split_part(t.unit, '|', 1)::uuid as track, split_part(t.unit, '|', 2) collate "C" as phone_key) k
cross join lateral (select * from seqconsole.deliveries o where o.phone_key = k.phone_key offset 0) d
cross join lateral (select * from seqconsole.attempts o where o.message_id = d.message_id offset 0) a
where (d.step_id = k.track or d.step_id in (select s.id from sequence_steps s where s.sequence_id = k.track))
  and (a.claimed_at >= :'at'::timestamptz or a.settled_at >= :'at'::timestamptz or a.outcome is null);
