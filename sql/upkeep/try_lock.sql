-- One process at a time counts again.
select pg_try_advisory_xact_lock(1584203521, 4) as taken;
