-- Hold these people in these sequences, each with its place in the journal.
with wanted as materialized (
    select phone_key collate "C" as key, array_agg(distinct sequence_id order by sequence_id) as sequences
    from unnest(:'phones'::text[], :'sequences'::uuid[]) as u(phone_key, sequence_id)
    group by 1
),
before as materialized (
    select h.*
    from seqconsole.holds h
    join wanted w on h.scope = 'contact' and h.key = w.key and h.holder = 'reply'
),
put as (
    insert into seqconsole.holds as h (scope, key, holder, reason, until, operation_id, since, sequences)
    select 'contact', w.key, 'reply', 'replied', 'infinity', :'operation'::bigint, :'now'::timestamptz,
           array(select distinct e from unnest(w.sequences || b.sequences) as e order by e)
    from wanted w
    left join before b on b.key = w.key and b.until = 'infinity'
    on conflict (scope, key, holder) do update
    set reason = excluded.reason, until = excluded.until, operation_id = excluded.operation_id, since = excluded.since,
        cold_only = false, sequences = excluded.sequences
    returning h.*
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, 'contact|' || put.key, 'seqconsole.holds', 'contact|' || put.key || '|reply',
       case when before.key is not null then row_to_json(before) end, row_to_json(put)
from put
left join before using (scope, key, holder);
