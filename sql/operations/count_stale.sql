-- How much due work of a scope is older than :'before', by the predicates of stale_work.
select count(*) as n
from seqconsole.progress p
where p.state in ('r', 'w') and p.due_at < :'before'::timestamptz
  and case when :'overdue'::boolean then p.gate = 'overdue' and p.at = 'infinity' else p.at <= :'now'::timestamptz end
  and case :'scope'
          when 'device' then p.device_id::text = any(:'keys'::text[])
          when 'sequence' then p.sequence_id::text = any(:'keys'::text[])
          when 'user' then p.device_id in (select d.device_id from seqconsole.devices d where d.user_id::text = any(:'keys'::text[]))
          when 'host' then p.device_id in (select d.device_id from seqconsole.devices d where d.host = any(:'keys'::text[]))
          else :'scope' = 'all'
      end;
