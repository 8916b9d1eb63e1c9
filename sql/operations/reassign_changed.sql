-- Moved work that is no longer as it was left: queued since, claimed, moved again, or done.
select r.unit
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
left join seqconsole.progress p
  on p.track = split_part(r.row_id, '|', 1)::uuid and p.phone_key = split_part(r.row_id, '|', 2) collate "C"
 and p.run = split_part(r.row_id, '|', 3)::smallint and p.state in ('r', 'w')
where r.rel = 'seqconsole.progress'
  and (p.track is null or p.device_id is distinct from (r.after ->> 'device_id')::uuid
       or p.message_id is distinct from (r.after ->> 'message_id')::uuid);
