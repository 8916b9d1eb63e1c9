-- Which of our own tables are here, and which of them this role may read.
with ours as (
    select c.relname, has_schema_privilege(n.oid, 'usage') and has_table_privilege(c.oid, 'select') as readable
    from pg_namespace n
    join pg_class c on c.relnamespace = n.oid and c.relkind in ('r', 'p')
    where n.nspname = 'seqconsole'
)
select exists (select 1 from ours) as adopted,
       exists (select 1 from ours where relname = 'settings' and readable) as settings,
       exists (select 1 from ours where relname = 'deliveries' and readable) as runs,
       exists (select 1 from ours where relname = 'devices' and readable) as limits,
       exists (select 1 from ours where relname = 'attempts' and readable) as attempts;
