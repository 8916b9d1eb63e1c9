-- locks: none on the operator's tables.
-- What a worker's machine said at its last heartbeat: a worker that starts later there sees a jump of the database's
-- clock that happened in between (FAULTS 25). booted: seconds since the start of that machine, named by boot_id.
alter table seqconsole.workers add column boot_id text, add column booted double precision;

-- The rules of 0016 for rows that were there before it.
alter table seqconsole.codes
    validate constraint codes_class, validate constraint codes_doubt, validate constraint codes_wait;
