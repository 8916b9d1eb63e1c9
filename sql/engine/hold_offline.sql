-- Offline is a hold, never a failure (DESIGN 5); it is lifted by the next proven login.
with lifted as (
    delete from seqconsole.holds h
    using unnest(:'ids'::uuid[], :'states'::text[]) as x(device_id, state)
    where x.state = 'online' and h.scope = 'device' and h.key = (x.device_id::text collate "C") and h.holder = 'gateway'
)
insert into seqconsole.holds as h (scope, key, holder, reason, until, since)
select 'device', x.device_id::text, 'gateway', x.state, 'infinity', :'now'::timestamptz
from unnest(:'ids'::uuid[], :'states'::text[]) as x(device_id, state)
join seqconsole.devices d on d.device_id = x.device_id
where x.state <> 'online'
on conflict (scope, key, holder) do update set reason = excluded.reason, until = 'infinity', operation_id = null;
