-- Open work that no longer stands where the operation left it.
select r.unit
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
left join seqconsole.progress p
  on p.track = split_part(r.row_id, '|', 1)::uuid and p.phone_key = split_part(r.row_id, '|', 2) collate "C"
 and p.run = split_part(r.row_id, '|', 3)::smallint and p.state in ('r', 'w')
where r.rel = 'seqconsole.progress'
  and (p.track is null or p.gate is distinct from r.after ->> 'gate'
       or p.at <> (r.after ->> 'at')::timestamptz and p.gate is distinct from 'device');   -- that has no time of its own
