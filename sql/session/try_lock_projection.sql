-- The roll-up does not wait for another one: the other does the work.
select pg_try_advisory_xact_lock(1584203521, 2) as taken;
