-- Active since hours by its due time; nobody wrote since when, and there is no message of it.
update sequence_contacts c
set status = 'active', processing_started_at = null, next_trigger_time = clock_timestamp() - interval '6 hours'
from people v where v.grp = :'defect' and c.id = pg_temp.row_id(v.p, 2)
returning c.id, c.id;
