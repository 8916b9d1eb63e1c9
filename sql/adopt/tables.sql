-- The operator's tables as objects: what they are, whose, and what row security hides of them from this role.
select t.rel, c.relkind::text as kind, pg_get_userbyid(c.relowner) as owner, current_user::text as role,
       pg_has_role(c.relowner, 'USAGE') as is_ours,
       row_security_active(c.oid) as hides_rows,
       case n.nspname when 'public' then quote_ident(t.rel) else format('%I.%I', n.nspname, t.rel) end as place
from unnest(array['user_devices', 'sequences', 'sequence_steps', 'sequence_contacts', 'broadcast_messages']) as t(rel)
join pg_class c on c.oid = to_regclass(quote_ident(t.rel))
join pg_namespace n on n.oid = c.relnamespace
order by t.rel;
