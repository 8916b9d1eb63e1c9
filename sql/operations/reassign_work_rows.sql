-- The open work to its new devices, each with its place in the journal. What could go out now waits until
-- :'not_before'; what only the old device kept back (it is gone, or holds new contacts) is due again.
with wanted as materialized (
    select k.track, k.phone_key collate "C" as phone_key, k.run, k.device_id
    from unnest(:'tracks'::uuid[], :'phones'::text[], :'runs'::smallint[], :'devices'::uuid[])
             as k(track, phone_key, run, device_id)
),
before as materialized (
    select p.track, p.phone_key, p.run, p.device_id, p.at, p.gate, p.message_id, w.device_id as new_device,
           case when p.gate in ('device', 'cold') then coalesce(p.due_at, :'not_before'::timestamptz) else p.at end as due
    from wanted w
    join seqconsole.progress p on p.track = w.track and p.phone_key = w.phone_key and p.run = w.run
),
moved as (   -- what follows takes its rows from here, without joins: estimates of one row make those quadratic
    update seqconsole.progress p
    set device_id = b.new_device, at = greatest(b.due, :'not_before'::timestamptz),
        gate = case when b.due < :'not_before'::timestamptz then 'countdown'
                    when b.gate not in ('device', 'cold') then b.gate end
    from before b
    where p.track = b.track and p.phone_key = b.phone_key and p.run = b.run
    returning concat_ws('|', p.track, p.phone_key, p.run) as unit,
              json_build_object('device_id', b.device_id, 'at', b.at, 'gate', b.gate, 'message_id', b.message_id) as before,
              json_build_object('device_id', p.device_id, 'at', p.at, 'gate', p.gate, 'message_id', p.message_id) as after
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, unit, 'seqconsole.progress', unit, before, after
from moved;
