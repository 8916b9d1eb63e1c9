-- What was handed to the wire and may still arrive: at most one message a device, each until the end of its lease.
select p.message_id, p.device_id, coalesce(u.device_name::text, p.device_id::text) as device_name, p.at as until
from seqconsole.progress p
left join seqconsole.devices d on d.device_id = p.device_id
left join user_devices u on u.id = p.device_id
where p.state = 's' and p.message_id is not null and isfinite(p.at)
  and case :'scope'
          when 'all' then true
          when 'device' then p.device_id::text = any(:'keys'::text[])
          when 'sequence' then p.sequence_id::text = any(:'keys'::text[])
          when 'contact' then p.phone_key = any(:'keys'::text[])
          when 'user' then d.user_id::text = any(:'keys'::text[])
          when 'host' then d.host = any(:'keys'::text[])
      end
order by p.at, p.message_id;
