-- A state that only another application knows.
update sequence_contacts c set status = (array['tracking', 'paused', 'sequence_failed'])[1 + v.p % 3]
from people v where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, 2)
returning c.id, c.id;
