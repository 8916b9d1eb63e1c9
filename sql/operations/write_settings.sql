-- Write settings of one scope and key and remove others, each with its place in the journal (none without an operation).
with wanted as (
    select n.name, n.value::jsonb as value from unnest(:'names'::text[], :'values'::text[]) as n(name, value)
),
before as materialized (
    select s.*
    from seqconsole.settings s
    where s.scope = :'scope' and s.key = :'key'
      and (s.name in (select name from wanted) or s.name = any(:'gone'::text[]))
),
written as (
    insert into seqconsole.settings as s (scope, key, name, value, operation_id)
    select :'scope', :'key', w.name, w.value, :'operation'::bigint
    from wanted w
    on conflict (scope, key, name) do update set value = excluded.value, operation_id = excluded.operation_id
    returning s.*
),
removed as (
    delete from seqconsole.settings s
    where s.scope = :'scope' and s.key = :'key' and s.name = any(:'gone'::text[])
    returning s.*
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, :'unit', 'seqconsole.settings', x.scope || '|' || x.key || '|' || x.name, x.before, x.after
from (
    select w.scope, w.key, w.name, case when b.name is not null then row_to_json(b) end as before, row_to_json(w) as after
    from written w
    left join before b using (scope, key, name)
    union all
    select r.scope, r.key, r.name, row_to_json(r), null
    from removed r
) x
where :'operation'::bigint is not null;
