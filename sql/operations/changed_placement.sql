-- Open work that no longer stands where the operation left it.
select r.unit
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
left join lateral (
    select *
    from seqconsole.progress q
    where q.track = split_part(r.row_id, '|', 1)::uuid and q.phone_key = split_part(r.row_id, '|', 2) collate "C"
      and q.run = split_part(r.row_id, '|', 3)::smallint
    offset 0
) p on p.state in ('r', 'w')
where r.rel = 'seqconsole.progress'
  and (p.track is null or p.gate is distinct from r.after ->> 'gate'
       or p.at <> (r.after ->> 'at')::timestamptz and p.gate is distinct from 'device');   -- that has no time of its own
