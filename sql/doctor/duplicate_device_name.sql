-- Devices of one user under one name.
with twin as (
    select user_id, btrim(device_name) as name, array_agg(id::text order by id) as ids
    from user_devices
    where btrim(device_name) <> ''
    group by user_id, btrim(device_name)
    having count(*) > 1
)
select count(*) over () as total, ids[1 : 20] as ids, null::text as phone, format('%s devices named %s', cardinality(ids), name) as detail,
       format('update user_devices set device_name = device_name || %L where id = %L', ' 2', ids[2]) as statement
from twin
order by ids
limit :'limit'::int;
