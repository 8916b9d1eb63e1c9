-- The first step has no due time.
update sequence_contacts c set status = 'pending', next_trigger_time = null, completed_at = null
from people v where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, 1);
delete from broadcast_messages m using people v where v.grp = :'defect' and m.id = pg_temp.message_id(v.p, 1);
select pg_temp.row_id(v.p, 1), pg_temp.row_id(v.p, 1) from people v where v.grp = :'defect';
