-- Moved work that is no longer as it was left: queued since, claimed, moved again, or done.
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
  and (p.track is null or p.device_id is distinct from (r.after ->> 'device_id')::uuid
       or p.message_id is distinct from (r.after ->> 'message_id')::uuid);
