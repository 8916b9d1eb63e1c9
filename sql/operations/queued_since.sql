-- Of these chains, those whose next step was queued since: what is put back would stand in its way.
select distinct t.unit
from unnest(:'units'::text[]) as t(unit)
cross join lateral (select split_part(t.unit, '|', 1)::uuid as track, split_part(t.unit, '|', 2) collate "C" as phone_key) k
join seqconsole.deliveries d on d.phone_key = k.phone_key and d.outcome is null
join sequence_steps s on s.id = d.step_id and s.sequence_id = k.track
join broadcast_messages m on m.id = d.message_id and m.created_at::timestamptz > :'at'::timestamptz
where not exists (select 1 from seqconsole.operation_rows r
                   where r.operation_id = :'operation'::bigint and r.rel = 'broadcast_messages'
                     and r.row_id = m.id::text);
