-- Completed when it was queued; the send failed.
update broadcast_messages m set status = 'failed', sent_at = null, error_message = 'device offline'
from people v where v.grp = :'defect' and m.id = pg_temp.message_id(v.p, 1);
select pg_temp.row_id(v.p, 1), pg_temp.row_id(v.p, 1) from people v where v.grp = :'defect';
