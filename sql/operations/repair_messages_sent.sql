-- Messages that were sent, as a repair leaves them, and when they were.
update broadcast_messages m
set status = w.status, error_message = w.error, updated_at = :'now'::timestamptz, sent_at = w.at
from unnest(:'ids'::uuid[], :'statuses'::text[], :'errors'::text[], :'ats'::timestamptz[]) as w(id, status, error, at)
where m.id = w.id;
