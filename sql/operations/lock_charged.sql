-- The devices of messages that an operation called sent, in order; before open work (lock order).
select d.device_id
from seqconsole.devices d
where d.device_id in (
    select m.device_id
    from seqconsole.operation_rows r
    join broadcast_messages m on m.id = r.row_id::uuid
    where r.operation_id = :'operation'::bigint and r.rel = 'broadcast_messages' and r.unit = any(:'units'::text[])
      and r.after ->> 'status' = 'sent')
order by d.device_id
for update;
