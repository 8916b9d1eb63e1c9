-- The survivor takes the group's state, its earliest completion and its highest retry count.
update sequence_contacts c
set status = case s.status when 'completed' then 'completed' when 'active' then 'active' else c.status end,
    completed_at = s.completed_at,
    retry_count = s.retry_count
from unnest(:'ids'::uuid[], :'statuses'::text[], :'completed_ats'::timestamptz[], :'retry_counts'::int[])
         as s(id, status, completed_at, retry_count)
where c.id = s.id;
