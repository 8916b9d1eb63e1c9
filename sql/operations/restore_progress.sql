-- Work in doubt points at the row it had before.
update seqconsole.progress p
set contact_id = (r.before ->> 'contact_id')::uuid
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
where r.rel = 'seqconsole.progress'
  and p.track = split_part(r.row_id, '|', 1)::uuid and p.phone_key = split_part(r.row_id, '|', 2) collate "C"
  and p.run = split_part(r.row_id, '|', 3)::smallint
  and p.contact_id = (r.after ->> 'contact_id')::uuid;
