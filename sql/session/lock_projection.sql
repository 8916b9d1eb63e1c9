-- One transaction at a time projects tracks whose progress row it does not hold.
select pg_advisory_xact_lock(1584203521, 2);
