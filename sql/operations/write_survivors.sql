-- The survivor takes the group's state, its earliest completion and its highest retry count.
update sequence_contacts c
set status = case when c.status::text <> s.status then s.status else c.status::text end,
    completed_at = s.completed_at,
    retry_count = s.retry_count
from unnest(:'ids'::uuid[], :'statuses'::text[], :'completed_ats'::timestamptz[], :'retry_counts'::int[])
         as s(id, status, completed_at, retry_count)
where c.id = s.id;
