-- The sequence was deleted; its open contact rows were not.
update sequence_contacts c set sequence_id = md5(:'seed' || ':lost:' || v.nth)::uuid
from people v, generate_series(2, 5) d where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, d)
returning c.id, c.id;
