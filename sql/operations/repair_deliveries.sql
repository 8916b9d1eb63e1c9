-- The ledger as a repair leaves it, each entry with its place in the journal. outcome: one of the ledger's, 'open', or
-- 'gone' for a step that goes back to where nothing of it is queued.
with wanted as materialized (
    select w.unit, w.phone_key collate "C" as phone_key, w.step_id, w.outcome, w.evidence, w.message_id, w.contact_id,
           w.settled_at
    from unnest(:'units'::text[], :'phones'::text[], :'steps'::uuid[], :'outcomes'::text[], :'evidences'::text[],
                :'messages'::uuid[], :'contacts'::uuid[], :'settled_ats'::timestamptz[])
             as w(unit, phone_key, step_id, outcome, evidence, message_id, contact_id, settled_at)
),
changed as (
    update seqconsole.deliveries d
    set outcome = nullif(w.outcome, 'open')::"char", evidence = w.evidence::"char",
        settled_at = case when w.outcome in ('s', 'f', 'k') then coalesce(w.settled_at, :'now'::timestamptz) end
    from wanted w
    where d.phone_key = w.phone_key and d.step_id = w.step_id and d.run = 1 and w.outcome <> 'gone'
    returning d.*
),
removed as (
    delete from seqconsole.deliveries d
    using wanted w
    where d.phone_key = w.phone_key and d.step_id = w.step_id and d.run = 1 and w.outcome = 'gone'
    returning d.*
),
added as (
    insert into seqconsole.deliveries (phone_key, step_id, run, message_id, contact_id, outcome, evidence, settled_at)
    select w.phone_key, w.step_id, 1, coalesce(w.message_id, '00000000-0000-0000-0000-000000000000'), w.contact_id,
           w.outcome::"char", w.evidence::"char",
           case when w.outcome in ('s', 'f', 'k') then coalesce(w.settled_at, :'now'::timestamptz) end
    from wanted w
    where w.outcome not in ('open', 'gone')
      and not exists (select 1 from seqconsole.deliveries o
                       where o.phone_key = w.phone_key and o.step_id = w.step_id and o.run = 1)
    returning *
),
written as (
    select c.*, false as is_gone from changed c
    union all
    select a.*, false from added a
    union all
    select r.*, true from removed r
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, w.unit, 'seqconsole.deliveries', concat_ws('|', x.phone_key, x.step_id, x.run),
       (select row_to_json(o) from seqconsole.deliveries o
         where o.phone_key = x.phone_key and o.step_id = x.step_id and o.run = x.run),
       case when not x.is_gone then to_json(to_jsonb(x) - 'is_gone') end
from written x
join wanted w using (phone_key, step_id);
