-- How long the next statements wait for a lock.
select set_config('lock_timeout', :'lock_timeout', false);
