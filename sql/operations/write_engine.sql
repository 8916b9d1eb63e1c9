-- The engine switch, with its place in the journal.
with before as materialized (
    select s.* from seqconsole.settings s where s.scope = 'database' and s.key = '' and s.name = 'engine'
),
written as (
    insert into seqconsole.settings as s (scope, key, name, value, operation_id)
    values ('database', '', 'engine', to_jsonb(:'value'::text), :'operation'::bigint)
    on conflict (scope, key, name) do update set value = excluded.value, operation_id = excluded.operation_id
    returning s.*
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, 'engine', 'seqconsole.settings', 'database||engine', (select row_to_json(before) from before),
       row_to_json(written)
from written;
