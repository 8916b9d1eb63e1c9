-- Contact rows whose step belongs to another sequence than they do, skipped ones aside.
select count(*) over () as total, array[c.id::text] as ids, c.contact_phone::text as phone,
       format('%s, step %s of another sequence', c.status, c.sequence_stepid) as detail, null::text as statement
from sequence_contacts c
join sequence_steps s on s.id = c.sequence_stepid
join sequences q on q.id = c.sequence_id
where s.sequence_id is distinct from c.sequence_id and lower(c.status::text) <> 'skipped'
order by c.id
limit :'limit'::int;
