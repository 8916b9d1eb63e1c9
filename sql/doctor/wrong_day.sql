-- Contact rows whose day number is not the one of their step.
select count(*) over () as total, array[c.id::text] as ids, c.contact_phone::text as phone,
       format('%s, says day number %s, its step is day %s', c.status, c.current_step, s.day_number) as detail,
       'update sequence_contacts c set current_step = s.day_number from sequence_steps s where s.id = c.sequence_stepid '
           'and s.sequence_id = c.sequence_id and c.current_step <> s.day_number' as statement
from sequence_contacts c
join sequence_steps s on s.id = c.sequence_stepid and s.sequence_id = c.sequence_id
where c.current_step <> s.day_number
order by c.id
limit :'limit'::int;
