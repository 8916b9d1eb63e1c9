-- Steps whose text asks for what no contact has; a column that an enrolment will bring is not known before `migrate`.
select count(*) over () as total, array[s.id::text] as ids, null::text as phone,
       format('day %s: %s', coalesce(s.day_number::text, 'none'), string_agg(m[1], ' ')) as detail, null::text as statement
from sequence_steps s
cross join lateral regexp_matches(
    regexp_replace(coalesce(s.content, s.caption)::text, '\{\{([^{}]*)\}\}', '{\1}', 'g'),
    '(\{[ \t]*([^][{}|"'':;,.<>()\s][^{}|"\n]{0,63})(?:\|([^{}]*))?\})', 'g') as m
where lower(btrim(m[2])) not in ('name', 'first_name', 'phone') or position('|' in m[3]) > 0
group by s.id, s.day_number
order by s.id
limit :'limit'::int;
