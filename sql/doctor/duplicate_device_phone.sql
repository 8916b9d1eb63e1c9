-- Devices that say they have the same phone.
with twin as (
    select regexp_replace(phone, '\D', '', 'g') as digits, array_agg(id::text order by id) as ids,
           string_agg(device_name, ', ' order by id) as names
    from user_devices
    where regexp_replace(phone, '\D', '', 'g') <> ''
    group by 1
    having count(*) > 1
)
select count(*) over () as total, ids[1 : 20] as ids, digits as phone, names as detail, null::text as statement
from twin
order by ids
limit :'limit'::int;
