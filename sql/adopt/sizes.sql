-- The operator's tables and how many rows they have, by PostgreSQL's statistics, or else guessed from their size.
select c.relname as rel,
       case when c.reltuples >= 0 and c.relpages > 0 then c.reltuples else pg_relation_size(c.oid) / 200 end::bigint as rows
from unnest(array['user_devices', 'sequences', 'sequence_steps', 'sequence_contacts', 'broadcast_messages', 'leads']) t
join pg_class c on c.oid = to_regclass(quote_ident(t));
