-- The devices of messages that an operation called sent, in order; before open work (lock order).
select d.device_id
from seqconsole.devices d
where d.device_id in (
    select m.device_id
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    join broadcast_messages m on m.id = r.row_id::uuid
    where r.rel = 'broadcast_messages'
      and r.after ->> 'status' = 'sent')
order by d.device_id
for update;
