-- Settings as they were before the operation; one that was not there goes again.
with image as materialized (
    select r.before, r.after
    from seqconsole.operation_rows r
    where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.settings' and r.unit = any(:'units'::text[])
),
removed as (
    delete from seqconsole.settings s
    using image i, lateral json_populate_record(null::seqconsole.settings, i.after) a
    where i.before is null and s.scope = a.scope and s.key = a.key and s.name = a.name
)
update seqconsole.settings s
set value = b.value, operation_id = b.operation_id
from image i, lateral json_populate_record(null::seqconsole.settings, i.before) b
where i.before is not null and s.scope = b.scope and s.key = b.key and s.name = b.name;
