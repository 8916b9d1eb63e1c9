-- Nobody was assigned to send to this contact.
update sequence_contacts c set assigned_device_id = null
from people v, generate_series(2, 5) d where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, d)
returning c.id, c.id;
