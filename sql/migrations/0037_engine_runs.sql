-- locks: none on the operator's tables.
-- When engines were at work: a row for each stretch without a break of half a minute; what lies between is a gap. And
-- which alarms a command was told of (on_alarm): whichever worker takes one tells it, once.
create table seqconsole.engine_runs (
    began timestamptz primary key,
    ended timestamptz not null check (ended >= began)
) with (fillfactor = 50);

create table seqconsole.alarms_told (
    key text collate "C" primary key,
    since timestamptz not null,
    seen_at timestamptz not null,
    taken_until timestamptz not null,
    told_at timestamptz
) with (fillfactor = 50);

-- Roles that were given out before: who says that a worker is there says this too, who may look may look here.
do $do$
declare
    given record;
begin
    for given in
        select distinct a.grantee::regrole as role, a.privilege_type
        from pg_catalog.pg_class c, aclexplode(c.relacl) a
        where c.oid = 'seqconsole.workers'::regclass and a.grantee <> 0 and a.grantee <> c.relowner
          and a.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
    loop
        execute format('grant %s on seqconsole.engine_runs, seqconsole.alarms_told to %s', given.privilege_type, given.role);
    end loop;
end $do$;
