-- The breaker of a gateway host (DESIGN 5): many of its devices stopped, or not reached, within five minutes. Runs
-- under the exclusive gate lock, after the holds of the devices were put. Each hold in a row lasts twice as long.
with said as materialized (
    select a.device_id, max(x.host) as host
    from unnest(:'ids'::uuid[], :'claimed_ats'::timestamptz[], :'hosts'::text[]) as x(id, claimed_at, host)
    join seqconsole.attempts a on a.claimed_at = x.claimed_at and a.id = x.id
    group by a.device_id
),
moved as (   -- the host that has just been asked is the device's host, whether it lists its devices or not
    update seqconsole.devices d
    set host = said.host
    from said
    where d.device_id = said.device_id and d.host is distinct from said.host and said.host is not null
),
host as materialized (
    select asked.name, h.since, h.until,
           greatest(:'now'::timestamptz - interval '5 minutes', h.until) as count_from
    from (select distinct coalesce(said.host, d.host) as name
          from said
          join seqconsole.devices d using (device_id)) asked
    left join seqconsole.holds h
      on h.scope = 'host' and h.key = (asked.name collate "C") and h.holder = 'breaker'
    where asked.name is not null and (h.until is null or h.until <= :'now'::timestamptz)
),
judged as (
    select host.name, host.since, host.until,
           count(*) filter (where last.code is not null or d.last_sent_at > host.count_from) as tried,
           count(*) filter (where last.code = 'connect_failed'
                               or last.code is not null
                                  and exists (select 1 from seqconsole.holds b
                                               where b.scope = 'device' and b.key = (d.device_id::text collate "C")
                                                 and b.holder = 'breaker' and b.until > :'now'::timestamptz
                                                 and b.since >= host.count_from)) as failing
    from host
    join seqconsole.devices d
      on d.host = host.name or d.device_id in (select s.device_id from said s where s.host = host.name)
    left join lateral (   -- only of devices that failed last; a lease is far shorter than the five minutes before
        select coalesce(a.code, '') as code
        from seqconsole.attempts a
        where d.failures > 0
          and a.device_id = d.device_id and a.claimed_at > host.count_from - interval '5 minutes'
          and a.settled_at > host.count_from
        order by a.claimed_at desc
        limit 1
    ) last on true
    group by host.name, host.since, host.until
)
insert into seqconsole.holds as h (scope, key, holder, reason, until, since)
select 'host', name, 'breaker', failing || ' of its ' || tried || ' busy devices stopped or not reached within 5 minutes',
       :'now'::timestamptz + case when until > :'now'::timestamptz - interval '15 minutes'
                                  then least(2 * (until - since), interval '1 hour') else interval '2 minutes' end,
       :'now'::timestamptz
from judged
where failing >= 3 and failing * 5 >= tried
on conflict (scope, key, holder) do update
set reason = excluded.reason, until = excluded.until, since = excluded.since, operation_id = null;
