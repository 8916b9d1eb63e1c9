-- Holds as they were before the operation.
with image as materialized (
    select r.before, r.after
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel = 'seqconsole.holds'
),
removed as (
    delete from seqconsole.holds h
    using image i, lateral json_populate_record(null::seqconsole.holds, i.after) a
    where i.before is null and h.scope = a.scope and h.key = a.key and h.holder = a.holder
)
insert into seqconsole.holds as h (scope, key, holder, cold_only, reason, until, operation_id, since, sequences)
select b.scope, b.key, b.holder, b.cold_only, b.reason, b.until, b.operation_id, b.since, b.sequences
from image i, lateral json_populate_record(null::seqconsole.holds, i.before) b
where i.before is not null
on conflict (scope, key, holder) do update
set cold_only = excluded.cold_only, reason = excluded.reason, until = excluded.until,
    operation_id = excluded.operation_id, since = excluded.since, sequences = excluded.sequences;
