-- Settings as they were before the operation; one that was not there goes again, one that went comes back.
-- A JSON null is read back from an image as SQL NULL.
with image as materialized (
    select r.before, r.after
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel = 'seqconsole.settings'
),
removed as (
    delete from seqconsole.settings s
    using image i, lateral json_populate_record(null::seqconsole.settings, i.after) a
    where i.before is null and s.scope = a.scope and s.key = a.key and s.name = a.name
)
insert into seqconsole.settings as s (scope, key, name, value, operation_id)
select b.scope, b.key, b.name, coalesce(b.value, 'null'), b.operation_id
from image i, lateral json_populate_record(null::seqconsole.settings, i.before) b
where i.before is not null
on conflict (scope, key, name) do update set value = excluded.value, operation_id = excluded.operation_id;
