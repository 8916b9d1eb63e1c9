-- Who holds locks on the operator's tables that a step waits for, the oldest transaction first.
select a.pid, coalesce(nullif(a.application_name, ''), a.usename, '?') as application,
       string_agg(distinct c.relname, ', ' order by c.relname) as tables,
       coalesce(extract(epoch from clock_timestamp() - a.xact_start)::int, 0) as seconds
from pg_locks l
join pg_class c on c.oid = l.relation
join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'relation' and l.granted and l.pid <> pg_backend_pid()
  and l.database = (select oid from pg_database where datname = current_database())
  and l.relation = any(array(select to_regclass(quote_ident(t))::oid from unnest(:'tables'::text[]) t))
  and (l.mode <> 'AccessShareLock' or :'reads'::bool)
group by a.pid, a.application_name, a.usename, a.xact_start
order by a.xact_start nulls last
limit 3;
