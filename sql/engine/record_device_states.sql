-- What the gateways say of their devices now, and which host said it. Returns those whose hold has to change.
with said as (
    select device_id, state, host, tells
    from unnest(:'ids'::uuid[], :'states'::text[], :'hosts'::text[], :'tells'::bool[]) as x(device_id, state, host, tells)
),
moved as materialized (   -- offline at a gateway that said so, and now at one that never says: nobody would lift its hold
    select s.device_id
    from said s
    join seqconsole.devices d on d.device_id = s.device_id
    where not s.tells and (d.gateway_state <> 'unknown' or d.host is distinct from s.host)
      and (select 1 from seqconsole.holds h
            where h.scope = 'device' and h.key = (s.device_id::text collate "C") and h.holder = 'gateway' and h.until = 'infinity'
            limit 1) is not null
),
proven as (
    update seqconsole.devices d
    set gateway_state = s.state, host = coalesce(s.host, d.host),
        proven_at = case when s.state = 'unknown' then d.proven_at else :'now'::timestamptz end
    from said s
    where s.device_id = d.device_id and s.device_id not in (select m.device_id from moved m)   -- until it is lifted
      and (d.gateway_state is distinct from s.state or d.host is distinct from coalesce(s.host, d.host)
           or s.state <> 'unknown'
              and (d.proven_at is null or d.proven_at < :'now'::timestamptz - interval '30 seconds'))
)
select s.device_id, s.state
from said s
left join seqconsole.holds h
  on h.scope = 'device' and h.key = (s.device_id::text collate "C") and h.holder = 'gateway' and h.until > :'now'::timestamptz
where (s.state = 'online') = (h.key is not null) and s.state <> 'unknown'
union all
select m.device_id, 'moved' from moved m;
