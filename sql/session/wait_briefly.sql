-- From here on a lock is waited for shorter than it takes PostgreSQL to look for a deadlock (1 s by default): what a foreign
-- key or another application's trigger makes us wait for ends with us and not with it.
select set_config('lock_timeout', '500ms', true);
