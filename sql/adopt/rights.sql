-- What this role may do where the schema `seqconsole` is to stand.
select current_user::text as role, current_database()::text as database, s.name as schema,
       n.oid is not null as has_schema,
       coalesce(has_schema_privilege(n.oid, 'USAGE'), false) as may_use,
       coalesce(has_schema_privilege(n.oid, 'CREATE'), false) as may_index,
       o.oid is not null or has_database_privilege(current_database(), 'CREATE') as may_create,
       pg_get_userbyid(o.nspowner) as owner, coalesce(pg_has_role(o.nspowner, 'USAGE'), true) as is_ours
from (select :'schema'::text as name) s
left join pg_namespace n on n.nspname = s.name
left join pg_namespace o on o.nspname = 'seqconsole';
