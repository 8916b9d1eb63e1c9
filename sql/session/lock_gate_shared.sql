-- Held by a claim: nothing closes a gate while it runs. Its own statement, so that the claim's snapshot is later.
select pg_advisory_xact_lock_shared(1584203521, 1);
