-- Due for more than a day when the engine is switched on: parked until somebody releases them, a portion at a time.
with late as materialized (
    select p.track, p.phone_key, p.run, p.at, p.gate
    from seqconsole.progress p
    where p.state in ('r', 'w') and p.at <= :'now'::timestamptz and p.due_at < :'now'::timestamptz - interval '24 hours'
    limit :'limit'::int
    for update
),
parked as (
    update seqconsole.progress p
    set at = 'infinity', gate = 'overdue'
    from late
    where p.track = late.track and p.phone_key = late.phone_key and p.run = late.run
    returning p.track, p.phone_key, p.run, p.at, p.gate
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, concat_ws('|', p.track, p.phone_key, p.run), 'seqconsole.progress',
       concat_ws('|', p.track, p.phone_key, p.run), json_build_object('at', late.at, 'gate', late.gate),
       json_build_object('at', p.at, 'gate', p.gate)
from parked p
join late using (track, phone_key, run);
