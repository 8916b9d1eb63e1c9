-- When messages were sent, by what is known.
update broadcast_messages m
set sent_at = w.at
from unnest(:'ids'::uuid[], :'ats'::timestamptz[]) as w(id, at)
where m.id = w.id;
