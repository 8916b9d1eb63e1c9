-- Open contact rows whose sequence is not there.
select count(*) over () as total, array[c.id::text] as ids, c.contact_phone::text as phone,
       format('%s, sequence %s', c.status, coalesce(c.sequence_id::text, 'none')) as detail, null::text as statement
from sequence_contacts c
left join sequences q on q.id = c.sequence_id
where q.id is null and lower(c.status::text) not in ('completed', 'skipped')
order by c.id
limit :'limit'::int;
