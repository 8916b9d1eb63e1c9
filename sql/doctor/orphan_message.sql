-- Pending messages without a device, or whose device, sequence or step is not there.
select count(*) over () as total, array[m.id::text] as ids, m.recipient_phone::text as phone,
       case when m.device_id is null then 'no device' when d.id is null then 'its device is not there'
            when m.sequence_stepid is not null and s.id is null then 'its step is not there'
            else 'its sequence is not there' end as detail,
       null::text as statement
from broadcast_messages m
left join user_devices d on d.id = m.device_id
left join sequence_steps s on s.id = m.sequence_stepid
left join sequences q on q.id = m.sequence_id
where lower(m.status::text) = 'pending'
  and (d.id is null or m.sequence_stepid is not null and s.id is null or m.sequence_id is not null and q.id is null)
order by m.id
limit :'limit'::int;
