-- Every column of the operator's tables, and whether this role may read it, and all of its rows.
select c.relname::text as rel, a.attname::text as col, t.typname::text as type,
       has_column_privilege(c.oid, a.attnum, 'select') as readable, row_security_active(c.oid) as rows_hidden
from (values ('user_devices'), ('sequences'), ('sequence_steps'), ('sequence_contacts'), ('broadcast_messages')) as w(rel)
join pg_class c on c.oid = to_regclass(quote_ident(w.rel))
join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
join pg_type t on t.oid = a.atttypid
order by c.relname, a.attnum;
