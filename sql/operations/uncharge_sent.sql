-- Messages that an operation called sent, and that are not any more: where a switch-on charged them meanwhile as another
-- sender's, their devices get that back. What an attempt of ours charged is not touched.
update seqconsole.devices d
set ring = seqconsole.replace_charges(d.ring, x.ats, array_fill(null::timestamptz, array[cardinality(x.ats)]))
from (
    select m.device_id, array_agg((r.after ->> 'sent_at')::timestamptz) as ats
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    join broadcast_messages m on m.id = r.row_id::uuid
    where r.rel = 'broadcast_messages'
      and r.after ->> 'status' = 'sent' and r.before ->> 'status' <> 'sent' and r.after ->> 'sent_at' is not null
      and not exists (select 1 from seqconsole.attempts a where a.message_id = m.id)
    group by m.device_id
) x
where d.device_id = x.device_id and d.ring && x.ats;
