-- Open work remembers its last attempt as before.
update seqconsole.progress p
set attempt_id = b.attempt_id, claimed_at = b.claimed_at, tries = b.tries
from seqconsole.operation_rows r
cross join lateral json_to_record(r.before) as b(attempt_id uuid, claimed_at timestamptz, tries smallint)
where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.progress' and r.unit = any(:'units'::text[])
  and p.track = split_part(r.row_id, '|', 1)::uuid and p.phone_key = split_part(r.row_id, '|', 2) collate "C"
  and p.run = split_part(r.row_id, '|', 3)::smallint and p.state <> 's';
