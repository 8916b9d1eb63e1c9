-- Who holds the lock of migrations.
select a.pid, coalesce(nullif(a.application_name, ''), a.usename, '?') as application,
       coalesce(extract(epoch from clock_timestamp() - a.backend_start)::int, 0) as seconds
from pg_locks l
join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.classid = 1584203521 and l.objid = 3 and l.granted
  and l.database = (select oid from pg_database where datname = current_database());
