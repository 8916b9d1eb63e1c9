-- Open work that no longer stands where the operation left it.
select r.unit
from seqconsole.operation_rows r
left join seqconsole.progress p
  on p.track = split_part(r.row_id, '|', 1)::uuid and p.phone_key = split_part(r.row_id, '|', 2) collate "C"
 and p.run = split_part(r.row_id, '|', 3)::smallint and p.state in ('r', 'w')
where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.progress' and r.unit = any(:'units'::text[])
  and (p.track is null or p.at <> (r.after ->> 'at')::timestamptz or p.gate is distinct from r.after ->> 'gate');
