-- The ledger's open places to their new devices, each with its place in the journal.
with wanted as materialized (
    select k.message_id, k.device_id, k.unit
    from unnest(:'ids'::uuid[], :'devices'::uuid[], :'units'::text[]) as k(message_id, device_id, unit)
),
before as materialized (
    select w.unit, w.device_id as new_device, d.phone_key, d.step_id, d.run, row_to_json(d) as image
    from wanted w
    cross join lateral (select * from seqconsole.deliveries o where o.message_id = w.message_id offset 0) d
    where d.outcome is null
),
moved as (
    update seqconsole.deliveries d
    set device_id = b.new_device
    from before b
    where d.phone_key = b.phone_key and d.step_id = b.step_id and d.run = b.run
    returning b.unit, concat_ws('|', d.phone_key, d.step_id, d.run) as row_id, b.image as before, row_to_json(d) as after
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, unit, 'seqconsole.deliveries', row_id, before, after
from moved;
