-- The device belongs to another user.
update sequence_contacts c set assigned_device_id = pg_temp.device_id((v.nth + 1) % 3)
from people v, generate_series(2, 5) d where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, d)
returning c.id, c.id;
