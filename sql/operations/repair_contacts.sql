-- Contact rows as a repair leaves them; whoever had claimed them has no more claim (:'keeps': claim and error stay).
update sequence_contacts c
set status = coalesce(w.status, c.status),
    last_error = case when w.keep then c.last_error else w.error end,
    sequence_stepid = coalesce(w.step, c.sequence_stepid),
    processing_device_id = case when w.keep then c.processing_device_id end,
    processing_started_at = case when w.keep then c.processing_started_at end
from unnest(:'ids'::uuid[], :'statuses'::text[], :'errors'::text[], :'steps'::uuid[], :'keeps'::boolean[])
         as w(id, status, error, step, keep)
where c.id = w.id;
