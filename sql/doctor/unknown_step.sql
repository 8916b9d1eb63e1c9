-- Contact rows whose step is not there, skipped ones aside.
select count(*) over () as total, array[c.id::text] as ids, c.contact_phone::text as phone,
       format('%s, day number %s, step %s', c.status, coalesce(c.current_step::text, 'none'), c.sequence_stepid) as detail,
       null::text as statement
from sequence_contacts c
left join sequence_steps s on s.id = c.sequence_stepid
where c.sequence_stepid is not null and s.id is null and lower(c.status::text) <> 'skipped'
order by c.id
limit :'limit'::int;
