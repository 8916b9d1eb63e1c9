-- Of these chains, those whose next step was queued since: what is put back would stand in its way.
select distinct t.unit
from unnest(:'units'::text[]) as t(unit)
cross join lateral (select split_part(t.unit, '|', 1)::uuid as track, split_part(t.unit, '|', 2) collate "C" as phone_key) k
cross join lateral (   -- all that this person has, then what is open of it
    select * from seqconsole.deliveries o where o.phone_key = k.phone_key offset 0
) d
cross join lateral (select * from broadcast_messages o where o.id = d.message_id offset 0) m
where d.outcome is null
  and d.step_id in (select s.id from sequence_steps s where s.sequence_id = k.track)
  and m.created_at::timestamptz > :'at'::timestamptz
  and not exists (select 1 from seqconsole.operation_rows r
                   where r.operation_id = :'operation'::bigint and r.rel = 'broadcast_messages'
                     and r.row_id = m.id::text);
