-- The ledger of skipped messages, each with its place in the journal.
with wanted as (
    select w.message_id, w.unit from unnest(:'ids'::uuid[], :'units'::text[]) as w(message_id, unit)
),
before as materialized (
    select d.*, w.unit
    from wanted w
    cross join lateral (
        select * from seqconsole.deliveries o where o.message_id = w.message_id offset 0 for update
    ) d
    where d.outcome is null
),
skipped as (
    update seqconsole.deliveries d
    set outcome = 'k', settled_at = :'now'::timestamptz
    from before b
    where d.phone_key = b.phone_key and d.step_id = b.step_id and d.run = b.run
    returning d.*
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, b.unit, 'seqconsole.deliveries', concat_ws('|', s.phone_key, s.step_id, s.run),
       to_json(to_jsonb(b) - 'unit'), row_to_json(s)
from skipped s
join before b using (phone_key, step_id, run);
