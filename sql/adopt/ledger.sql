-- Which migrations this database has.
create schema if not exists seqconsole;
create table if not exists seqconsole.migrations (
    number int primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default clock_timestamp(),
    applied_by text not null default session_user
);
