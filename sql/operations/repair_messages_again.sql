-- Messages that a repair queues again, and from when they may be sent: one write of each.
update broadcast_messages m
set status = w.status, error_message = w.error, updated_at = :'now'::timestamptz, scheduled_at = :'at'::timestamptz
from unnest(:'ids'::uuid[], :'statuses'::text[], :'errors'::text[]) as w(id, status, error)
where m.id = w.id;
