-- The ledger of resolved groups: what the group knew, and the row that is left; each with its place in the journal.
with wanted as materialized (
    select g.unit, g.phone_key collate "C" as phone_key, g.step_id, g.survivor, g.outcome::"char" as outcome,
           g.message_id, g.settled_at
    from unnest(:'units'::text[], :'phones'::text[], :'steps'::uuid[], :'survivors'::uuid[], :'outcomes'::text[],
                :'messages'::uuid[], :'settled_ats'::timestamptz[])
             as g(unit, phone_key, step_id, survivor, outcome, message_id, settled_at)
),
before as materialized (
    select w.unit, d.*
    from wanted w
    join seqconsole.deliveries d on d.phone_key = w.phone_key and d.step_id = w.step_id
),
changed as (
    update seqconsole.deliveries d
    set contact_id = w.survivor,
        outcome = case when d.run = 1 then coalesce(w.outcome, d.outcome) else d.outcome end,
        evidence = case when d.run = 1 and w.outcome is not null
                        then case w.outcome when 'k' then 'o' else 'h' end::"char" else d.evidence end,
        message_id = case when d.run = 1 and w.outcome is not null then w.message_id else d.message_id end,
        settled_at = case when d.run = 1 and w.outcome is not null
                          then case when w.outcome <> 'u' then w.settled_at end else d.settled_at end
    from wanted w
    where d.phone_key = w.phone_key and d.step_id = w.step_id
      and (d.run = 1 and w.outcome is not null or d.contact_id = any(:'removed'::uuid[]))
    returning d.*
),
added as (
    insert into seqconsole.deliveries (phone_key, step_id, run, message_id, contact_id, outcome, evidence, settled_at)
    select w.phone_key, w.step_id, 1, w.message_id, w.survivor, w.outcome, 'h',
           case when w.outcome <> 'u' then w.settled_at end
    from wanted w
    where w.outcome is not null
      and not exists (select 1 from before b where b.phone_key = w.phone_key and b.step_id = w.step_id and b.run = 1)
    returning *
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, w.unit, 'seqconsole.deliveries', x.phone_key || '|' || x.step_id || '|' || x.run,
       (select row_to_json(o) from seqconsole.deliveries o
         where o.phone_key = x.phone_key and o.step_id = x.step_id and o.run = x.run), row_to_json(x)
from (select * from changed union all select * from added) x
join wanted w on w.phone_key = x.phone_key and w.step_id = x.step_id;
