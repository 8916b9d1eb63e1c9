-- The operator's tables as objects: what they are, whose, and whether row security hides rows from this role. Read from
-- the catalogue alone: row_security_active() would wait for whoever has locked a table.
select t.rel, c.relkind::text as kind, pg_get_userbyid(c.relowner) as owner, current_user::text as role,
       pg_has_role(c.relowner, 'USAGE') as is_ours,
       c.relrowsecurity and (c.relforcerowsecurity or not pg_has_role(c.relowner, 'USAGE'))
           and not (select r.rolsuper or r.rolbypassrls from pg_roles r where r.rolname = current_user) as hides_rows,
       case n.nspname when 'public' then quote_ident(t.rel) else format('%I.%I', n.nspname, t.rel) end as place
from unnest(array['user_devices', 'sequences', 'sequence_steps', 'sequence_contacts', 'broadcast_messages']) as t(rel)
join pg_class c on c.oid = to_regclass(quote_ident(t.rel))
join pg_namespace n on n.oid = c.relnamespace
order by t.rel;
