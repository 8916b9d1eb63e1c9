-- The ledger's open places to their new devices, each with its place in the journal.
with wanted as materialized (
    select k.message_id, k.device_id, k.unit
    from unnest(:'ids'::uuid[], :'devices'::uuid[], :'units'::text[]) as k(message_id, device_id, unit)
),
before as materialized (
    select d.*, w.unit, w.device_id as new_device
    from wanted w
    join seqconsole.deliveries d on d.message_id = w.message_id
    where d.outcome is null
),
moved as (
    update seqconsole.deliveries d
    set device_id = b.new_device
    from before b
    where d.phone_key = b.phone_key and d.step_id = b.step_id and d.run = b.run
    returning d.*
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, b.unit, 'seqconsole.deliveries', concat_ws('|', m.phone_key, m.step_id, m.run),
       to_json(to_jsonb(b) - 'unit' - 'new_device'), row_to_json(m)
from moved m
join before b using (phone_key, step_id, run);
