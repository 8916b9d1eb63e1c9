-- Tables in which nothing keeps an id from standing twice.
select count(*) over () as total, array[c.oid::regclass::text] as ids, null::text as phone,
       'no valid unique index on id alone' as detail,
       format('alter table %s add primary key (id)', c.oid::regclass) as statement
from unnest(array['user_devices', 'sequences', 'sequence_steps', 'sequence_contacts', 'broadcast_messages']) as w(rel)
join pg_class c on c.oid = to_regclass(quote_ident(w.rel)) and c.relkind in ('r', 'p')
where not exists (
    select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = c.oid and i.indisunique and i.indisvalid and i.indpred is null and i.indnkeyatts = 1
      and a.attname = 'id')
order by c.oid::regclass::text
limit :'limit'::int;
