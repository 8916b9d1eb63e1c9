-- Open work back where it stood before the operation, where it still is as the operation left it.
-- not_before: the 10 s before what may be sent as a result.
with back as materialized (
    select p.track, p.phone_key, p.run, b.at, b.gate
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    cross join lateral (select (r.before ->> 'at')::timestamptz as at, r.before ->> 'gate' as gate,
                               (r.after ->> 'at')::timestamptz as left_at, r.after ->> 'gate' as left_gate) b
    cross join lateral (
        select *
        from seqconsole.progress q
        where q.track = split_part(r.row_id, '|', 1)::uuid and q.phone_key = split_part(r.row_id, '|', 2) collate "C"
          and q.run = split_part(r.row_id, '|', 3)::smallint
        offset 0
    ) p
    where r.rel = 'seqconsole.progress'
      and r.before ->> 'at' is not null
      and p.state in ('r', 'w') and p.gate is not distinct from b.left_gate and (p.at = b.left_at or p.gate = 'device')
)
update seqconsole.progress p
set at = greatest(b.at, :'not_before'::timestamptz),
    gate = case when b.at < :'not_before'::timestamptz and b.gate is distinct from 'device' then 'countdown' else b.gate end
from back b
where p.track = b.track and p.phone_key = b.phone_key and p.run = b.run;
