-- Due work of a scope that is older than :'before' (or such of what is parked as overdue), the next portion of it, locked.
select p.contact_id, p.message_id, p.track, p.phone_key, p.run, concat_ws('|', p.track, p.phone_key, p.run) as unit
from seqconsole.progress p
where (p.track, p.phone_key, p.run) > (:'track'::uuid, :'phone'::text collate "C", :'run'::smallint)
  and p.state in ('r', 'w') and p.due_at < :'before'::timestamptz
  and case when :'overdue'::boolean then p.gate = 'overdue' and p.at = 'infinity' else p.at <= :'now'::timestamptz end
  and case :'scope'
          when 'device' then p.device_id::text = any(:'keys'::text[])
          when 'sequence' then p.sequence_id::text = any(:'keys'::text[])
          when 'user' then p.device_id in (select d.device_id from seqconsole.devices d where d.user_id::text = any(:'keys'::text[]))
          when 'host' then p.device_id in (select d.device_id from seqconsole.devices d where d.host = any(:'keys'::text[]))
          else :'scope' = 'all'
      end
order by p.track, p.phone_key, p.run
limit :'limit'::int
for update of p;
