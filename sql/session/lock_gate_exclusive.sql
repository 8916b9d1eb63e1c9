-- Held by whatever closes a gate (hold, suppression, limit, engine off): when it commits, nothing more is claimed.
select pg_advisory_xact_lock(1584203521, 1);
