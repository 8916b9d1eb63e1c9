-- Placeholders of a sequence's texts that nobody coming in could fill: unknown columns, and several texts to choose from.
select format('day %s: %s', coalesce(s.day_number::text, 'none'), t.token) as place
from sequence_steps s
cross join lateral seqconsole.placeholders(coalesce(s.content, s.caption)::text) t
where s.sequence_id = :'sequence'::uuid
  and (position('|' in t.fallback) > 0
       or t.name not in ('name', 'first_name', 'phone') and t.name <> all(:'columns'::text[])
          and not exists (select 1 from seqconsole.settings c
                           where c.scope = 'column' and c.key = s.sequence_id::text and c.name = t.name))
order by s.day_number, t.token
limit 20;
