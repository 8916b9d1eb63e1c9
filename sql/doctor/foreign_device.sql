-- Open contact rows that a device of another user is assigned to.
select count(*) over () as total, array[c.id::text] as ids, c.contact_phone::text as phone,
       format('%s, device %s is of another user', c.status, d.device_name) as detail,
       'update sequence_contacts c set assigned_device_id = null from user_devices d where d.id = c.assigned_device_id '
           'and d.user_id <> c.user_id and c.status in (''pending'', ''active'')' as statement
from sequence_contacts c
join user_devices d on d.id = c.assigned_device_id
left join sequences q on q.id = c.sequence_id
where lower(c.status::text) in ('pending', 'active') and d.user_id <> coalesce(c.user_id, q.user_id)
order by c.id
limit :'limit'::int;
