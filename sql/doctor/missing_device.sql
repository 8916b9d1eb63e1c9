-- Open contact rows whose device is not there.
select count(*) over () as total, array[c.id::text] as ids, c.contact_phone::text as phone,
       format('%s, device %s', c.status, c.assigned_device_id) as detail,
       'update sequence_contacts c set assigned_device_id = null where c.status in (''pending'', ''active'') '
           'and not exists (select from user_devices d where d.id = c.assigned_device_id)' as statement
from sequence_contacts c
left join user_devices d on d.id = c.assigned_device_id
where c.assigned_device_id is not null and d.id is null and lower(c.status::text) in ('pending', 'active')
order by c.id
limit :'limit'::int;
