-- A portion is sorted and joined in memory, one session at a time; lost in a crash, it is read again with its place.
select set_config('work_mem', '64MB', true), set_config('synchronous_commit', 'off', true),
       set_config('maintenance_work_mem', '256MB', true);
