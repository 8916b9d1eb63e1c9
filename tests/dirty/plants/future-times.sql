-- Sent eight hours ahead of now: a query that adds the zone's hours by hand.
update broadcast_messages m set sent_at = clock_timestamp() + interval '8 hours'
from people v where v.grp = :'defect' and m.id = pg_temp.message_id(v.p, 1)
returning m.id, m.id;
