-- Steps whose text asks for what no contact of their sequence has.
select count(*) over () as total, array[s.id::text] as ids, null::text as phone,
       format('day %s: %s', coalesce(s.day_number::text, 'none'), string_agg(t.token, ' ')) as detail, null::text as statement
from sequence_steps s
cross join lateral seqconsole.placeholders(coalesce(s.content, s.caption)::text) t
where position('|' in t.fallback) > 0
   or t.name not in ('name', 'first_name', 'phone')
      and not exists (select 1 from seqconsole.settings c
                       where c.scope = 'column' and c.key = s.sequence_id::text and c.name = t.name)
group by s.id, s.day_number
order by s.id
limit :'limit'::int;
