-- Memory of one sort or hash of a check, in its transaction.
select set_config('work_mem', '64MB', true);
