-- Settle, first lock: the devices of these attempts, in order.
select d.device_id
from seqconsole.devices d
where d.device_id in (
    select a.device_id
    from unnest(:'ids'::uuid[], :'claimed_ats'::timestamptz[]) as x(id, claimed_at)
    join seqconsole.attempts a on a.claimed_at = x.claimed_at and a.id = x.id)
order by d.device_id
for update;
