-- The engines that ticked within a day; alive = its heartbeat is younger than 15 s.
select id, host, version, ticked_at, lag, sending, draining,
       ticked_at > :'now'::timestamptz - interval '15 seconds' as alive
from seqconsole.workers
where ticked_at > :'now'::timestamptz - interval '1 day'
order by 8 desc, host, pid
limit 200;
