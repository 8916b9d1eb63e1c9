-- When each of these devices will have sent so many queued messages.
select w.device_id, seqconsole.queue_drained(w.device_id, w.n, null, :'now'::timestamptz) as drained_at
from unnest(:'ids'::uuid[], :'ns'::bigint[]) as w(device_id, n);
