-- Contact rows without a step id, skipped ones aside; any number of them passes a unique key.
select count(*) over () as total, array[id::text] as ids, contact_phone::text as phone,
       format('%s, day number %s', status, coalesce(current_step::text, 'none')) as detail, null::text as statement
from sequence_contacts
where sequence_stepid is null and lower(status::text) <> 'skipped'
order by id
limit :'limit'::int;
