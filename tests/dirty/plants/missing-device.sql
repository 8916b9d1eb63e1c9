-- The device was deleted; its contacts were not.
update sequence_contacts c set assigned_device_id = md5(:'seed' || ':lost:' || v.p)::uuid
from people v, generate_series(2, 5) d where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, d)
returning c.id, c.id;
