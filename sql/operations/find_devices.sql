-- A device by its id or name: the exact name before one that differs in case.
select u.id::text as key, coalesce(u.device_name::text, u.id::text) as name,
       u.id::text = lower(:'text') or u.device_name::text = :'text' as exact
from user_devices u
where u.id::text = lower(:'text') or lower(u.device_name::text) = lower(:'text')
order by exact desc, u.id
limit 20;
