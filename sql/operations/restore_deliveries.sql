-- Ledger entries as they were before the operation; one that it took out comes back.
with image as materialized (
    select r.before, r.after
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel = 'seqconsole.deliveries'
),
removed as (
    delete from seqconsole.deliveries d
    using image i, lateral json_populate_record(null::seqconsole.deliveries, i.after) a
    where i.before is null and d.phone_key = a.phone_key and d.step_id = a.step_id and d.run = a.run
),
back as (
    insert into seqconsole.deliveries
    select b.*
    from image i, lateral json_populate_record(null::seqconsole.deliveries, i.before) b
    where i.after is null
)
update seqconsole.deliveries d
set message_id = b.message_id, contact_id = b.contact_id, device_id = b.device_id, outcome = b.outcome,
    evidence = b.evidence, settled_at = b.settled_at
from image i, lateral json_populate_record(null::seqconsole.deliveries, i.before) b
where i.before is not null and i.after is not null
  and d.phone_key = b.phone_key and d.step_id = b.step_id and d.run = b.run;
