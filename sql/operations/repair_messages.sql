-- Messages as a repair leaves them.
update broadcast_messages m
set status = w.status, error_message = w.error, updated_at = :'now'::timestamptz
from unnest(:'ids'::uuid[], :'statuses'::text[], :'errors'::text[]) as w(id, status, error)
where m.id = w.id;
