-- How far the index is that a session builds, and whom it waits for: whatever was open before it must end.
select p.phase, case when p.blocks_total > 0 then (100 * p.blocks_done / p.blocks_total)::int end as percent,
       w.pid, coalesce(nullif(w.application_name, ''), w.usename, '?') as application,
       coalesce(extract(epoch from clock_timestamp() - w.xact_start)::int, 0) as seconds
from (select :'pid'::int as pid) s
left join pg_stat_progress_create_index p using (pid)
left join pg_stat_activity w
  on w.pid = coalesce(nullif(p.current_locker_pid, 0), (pg_blocking_pids(s.pid))[1]);
