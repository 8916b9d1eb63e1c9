-- Contact rows of steps that were sent, where the row does not say yet when. Whoever had claimed them has no more claim
-- (:'keeps': claim and error stay).
update sequence_contacts c
set status = coalesce(w.status, c.status),
    last_error = case when w.keep then c.last_error else w.error end,
    sequence_stepid = coalesce(w.step, c.sequence_stepid),
    processing_device_id = case when w.keep then c.processing_device_id end,
    processing_started_at = case when w.keep then c.processing_started_at end,
    completed_at = w.at
from unnest(:'ids'::uuid[], :'statuses'::text[], :'errors'::text[], :'steps'::uuid[], :'keeps'::boolean[], :'ats'::timestamptz[])
         as w(id, status, error, step, keep, at)
where c.id = w.id;
