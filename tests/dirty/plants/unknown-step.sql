-- The step was made anew by an edit: the row names the id of before.
update sequence_contacts c set sequence_stepid = md5(:'seed' || ':gone:' || v.p)::uuid
from people v where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, 2)
returning c.id, c.id;
