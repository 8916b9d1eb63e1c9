-- Put holds, each with its place in the journal.
with before as materialized (
    select h.*
    from seqconsole.holds h
    where h.scope = :'scope' and h.key = any(:'keys'::text[]) and h.holder = :'holder'
),
put as (
    insert into seqconsole.holds as h (scope, key, holder, reason, until, operation_id, since)
    select :'scope', key, :'holder', :'reason', coalesce(:'until'::timestamptz, 'infinity'), :'operation'::bigint,
           :'now'::timestamptz
    from unnest(:'keys'::text[]) as k(key)
    on conflict (scope, key, holder) do update
    set reason = excluded.reason, until = excluded.until, operation_id = excluded.operation_id,
        since = excluded.since, cold_only = false, sequences = null
    returning h.*
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, coalesce(:'unit', put.scope || '|' || put.key), 'seqconsole.holds',
       put.scope || '|' || put.key || '|' || put.holder, case when before.key is not null then row_to_json(before) end,
       row_to_json(put)
from put
left join before using (scope, key, holder);
