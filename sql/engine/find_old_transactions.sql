-- Who keeps dead rows from being removed: a transaction of this database that is open for long, also a prepared one.
-- By the server's own clock, whatever the offset of a test is. Without pg_read_all_stats another role's start is
-- hidden; then the age of its snapshot tells. One that has ended is forgotten.
with long as (
    select coalesce((select seqconsole.as_interval(s.value #>> '{}') from seqconsole.settings s
                      where s.scope = 'default' and s.key = '' and s.name = 'old_transaction'), interval '5 minutes') as wait
),
holder as (
    select 'session ' || a.pid as key, a.xact_start as began,
           coalesce(nullif(a.application_name, ''), 'a session') || ', pid ' || a.pid || ', role ' || a.usename as who,
           jsonb_build_object('pid', a.pid, 'application', a.application_name, 'role', a.usename, 'state', a.state,
                              'began', a.xact_start) as detail
    from pg_catalog.pg_stat_activity a
    cross join long
    where a.datname = current_database() and a.pid <> pg_backend_pid()
      and (a.backend_xmin is not null or a.backend_xid is not null)
      and (a.xact_start < clock_timestamp() - long.wait
           or a.xact_start is null and greatest(age(a.backend_xid), age(a.backend_xmin)) > 1000000)
    union all
    select 'prepared ' || p.gid, p.prepared, 'prepared transaction ' || p.gid || ', role ' || p.owner,
           jsonb_build_object('gid', p.gid, 'role', p.owner, 'began', p.prepared)
    from pg_catalog.pg_prepared_xacts p
    cross join long
    where p.database = current_database() and p.prepared < clock_timestamp() - long.wait
),
ended as (
    delete from seqconsole.findings f
    where f.kind = 'old transaction' and f.key not in (select h.key from holder h)
)
insert into seqconsole.findings (kind, key, detail, since, version)
select 'old transaction', h.key, h.detail || jsonb_build_object('alarm', 'old transaction: ' || h.who),
       coalesce(h.began, :'now'::timestamptz), nextval('seqconsole.version')
from holder h
on conflict (kind, key) do update
set detail = excluded.detail, since = excluded.since, version = excluded.version
where findings.since <> excluded.since
returning detail ->> 'alarm' as alarm;
