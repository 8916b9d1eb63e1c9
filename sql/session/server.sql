-- Which server answers, since when, and which database it has here; read in the transaction that relies on it.
select seqconsole.now() as now, pg_postmaster_start_time() as started, d.oid::bigint as database,
       coalesce(seqconsole.setting('adopted_at'), '') as adopted
from pg_catalog.pg_database d
where d.datname = current_database();
