-- What the engine recorded of one kind.
select count(*) over () as total, coalesce((nullif(f.ids::text[], '{}'))[1 : 20], array[f.key]) as ids,
       f.detail ->> 'phone_key' as phone,
       format('since %s UTC%s', to_char(f.since at time zone 'UTC', 'YYYY-MM-DD HH24:MI'),
              coalesce(': ' || nullif((f.detail - 'phone_key')::text, '{}'), '')) as detail,
       null::text as statement
from seqconsole.findings f
where f.kind = :'kind'
order by f.since, f.key
limit :'limit'::int;
