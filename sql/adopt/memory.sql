-- A portion is sorted and joined in memory: a few megabytes, and one session at a time.
select set_config('work_mem', '64MB', true);
