-- The open row has no step id.
update sequence_contacts c set sequence_stepid = null
from people v where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, 2)
returning c.id, c.id;
