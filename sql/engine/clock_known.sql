-- What is known of the clock when a worker starts: the last heartbeat of this machine, whether a test stopped the
-- clock, and the latest charge (of a send that is over, it lies in the past).
select w.ticked_at, w.booted,
       coalesce(seqconsole.setting('clock_frozen') is not null and seqconsole.setting('mark') = 'test', false) as frozen,
       (select max(d.ring[cardinality(d.ring)]) from seqconsole.devices d) as latest_charge
from (select 1) one
left join lateral (
    select w.ticked_at, w.booted
    from seqconsole.workers w
    where w.host = :'host' and w.boot_id = :'boot_id' and w.booted is not null
    order by w.ticked_at desc
    limit 1
) w on true;
