-- Indexes that an interrupted or failed build left behind; not those being built now.
select count(*) over () as total, array[i.indexrelid::regclass::text] as ids, null::text as phone,
       'on ' || i.indrelid::regclass::text as detail,
       format('drop index concurrently %s', i.indexrelid::regclass) as statement
from pg_index i
join pg_class c on c.oid = i.indrelid
where not i.indisvalid and c.relkind in ('r', 'm')
  and (c.relnamespace = to_regnamespace('seqconsole')
       or i.indrelid in (to_regclass('user_devices'), to_regclass('sequences'), to_regclass('sequence_steps'),
                         to_regclass('sequence_contacts'), to_regclass('broadcast_messages'), to_regclass('leads')))
  and not exists (select from pg_stat_progress_create_index p where p.index_relid = i.indexrelid)
order by i.indexrelid::regclass::text
limit :'limit'::int;
