-- Open contact rows that no device is assigned to.
select count(*) over () as total, array[c.id::text] as ids, c.contact_phone::text as phone, c.status::text as detail,
       null::text as statement
from sequence_contacts c
where c.assigned_device_id is null and lower(c.status::text) in ('pending', 'active')
order by c.id
limit :'limit'::int;
