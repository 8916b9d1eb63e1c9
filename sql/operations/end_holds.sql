-- Resume, lift: a holder's holds end at the given time, each with its place in the journal.
with before as materialized (
    select h.*
    from seqconsole.holds h
    where h.scope = :'scope' and h.key = any(:'keys'::text[]) and h.holder = :'holder'
),
ended as (
    update seqconsole.holds h
    set until = :'until'::timestamptz, operation_id = :'operation'::bigint
    from before b
    where h.scope = b.scope and h.key = b.key and h.holder = b.holder
    returning h.*
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, before.scope || '|' || before.key, 'seqconsole.holds',
       before.scope || '|' || before.key || '|' || before.holder, row_to_json(before), row_to_json(ended)
from before
join ended using (scope, key, holder);
