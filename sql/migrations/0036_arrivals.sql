-- locks: none on the operator's tables.
-- People on their way into a sequence: what a file or the leads say, judged line by line, gone when the command ends.
-- verdict: why a line is left out; 'again': a person who went through before; NULL: new. lead: whose word brought them.
create unlogged table seqconsole.arrivals (
    batch uuid not null,
    line bigint not null,
    phone text,
    name text,
    device text,
    fields jsonb,
    lead uuid,
    verdict text,
    at timestamptz not null default clock_timestamp(),
    phone_key text collate "C" generated always as (seqconsole.phone_key(phone)) stored,
    primary key (batch, line)
);
create index arrivals_person on seqconsole.arrivals (phone_key, batch);
