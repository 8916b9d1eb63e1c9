-- The row names a step of another sequence.
update sequence_contacts c set sequence_stepid = pg_temp.step_id((v.nth + 1) % 6, 2)
from people v where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, 2)
returning c.id, c.id;
