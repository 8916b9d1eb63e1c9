-- Devices and hosts that were stopped, paused by their breaker or offline since a moment, by kind: how many, how many still
-- are, and the latest three by name. A breaker without an end is a device that its gateway stopped.
with found as (
    select case when h.holder = 'breaker' and h.scope = 'device' and h.until = 'infinity' then 'stopped'
                when h.holder = 'breaker' then 'breaker' when h.holder = 'gateway' then 'offline' else h.holder end as kind,
           h.scope, coalesce(u.device_name::text, h.key) as name, h.since, h.until > :'now'::timestamptz as holds,
           coalesce(nullif(h.reason, ''), '') as reason
    from seqconsole.holds h
    left join user_devices u on h.scope = 'device' and u.id::text = h.key
    where h.since >= :'since'::timestamptz and h.operation_id is null
      and h.scope in ('all', 'host', 'device', 'user')
),
ranked as (
    select f.*, row_number() over (partition by kind order by since desc, name) as nth from found f
)
select kind, count(*) as n, count(*) filter (where holds) as still,
       array_agg(case when reason = '' then name else name || ' (' || left(reason, 80) || ')' end order by nth)
           filter (where nth <= 3) as names
from ranked
group by kind
order by kind;
