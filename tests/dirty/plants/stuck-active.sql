-- Active since hours, and no message of it anywhere.
update sequence_contacts c
set status = 'active', processing_device_id = c.assigned_device_id,
    processing_started_at = clock_timestamp() - interval '5 hours', next_trigger_time = clock_timestamp() - interval '6 hours'
from people v where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, 2)
returning c.id, c.id;
