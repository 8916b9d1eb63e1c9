-- One migrator at a time. Polled: a waiter's open snapshot would deadlock with CREATE INDEX CONCURRENTLY.
select pg_try_advisory_lock(1584203521, 3) as taken;
