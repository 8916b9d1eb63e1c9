-- The memory that one sort or hash of a check may take before it goes to disk; for this transaction only.
select set_config('work_mem', '64MB', true);
