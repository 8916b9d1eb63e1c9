-- The devices and sequences of a scope that something else holds still when the operator's hold on it is lifted: how
-- many of each kind, and the first names. A device counts once, by the gravest of its holds.
with other as materialized (
    select h.scope, h.key, h.holder
    from seqconsole.holds h
    where h.scope in ('device', 'user', 'host', 'sequence') and not h.cold_only and h.until > :'start'::timestamptz
      and not (h.scope = :'scope' and h.holder = 'operator' and h.key = any(:'keys'::text[]))
),
device as materialized (
    select d.device_id, left(u.device_name::text, 100) as name,
           min(case o.holder when 'breaker' then 2 when 'gateway' then 3 else 1 end) as rank
    from other o
    join seqconsole.devices d
      on o.scope = 'device' and o.key = (d.device_id::text collate "C")
      or o.scope = 'user' and o.key = (d.user_id::text collate "C")
      or o.scope = 'host' and o.key = (d.host collate "C")
    join user_devices u on u.id = d.device_id
    where case :'scope'
              when 'all' then true
              when 'user' then d.user_id::text = any(:'keys'::text[])
              when 'host' then d.host = any(:'keys'::text[])
              when 'sequence' then exists (
                  select 1 from seqconsole.progress p
                  where p.device_id = d.device_id and p.sequence_id::text = any(:'keys'::text[]) and p.state = 'r')
          end
    group by d.device_id, u.device_name
)
select 'device' as what, case rank when 1 then 'paused' when 2 then 'held by their breaker' else 'offline' end as how,
       count(*) as n, (array_agg(coalesce(name, '') order by name))[1:3] as names
from device
group by rank
union all
select 'sequence', 'paused', count(*), (array_agg(left(q.name::text, 100) order by q.name))[1:3]
from other o
join sequences q on q.id::text = o.key
where o.scope = 'sequence' and :'scope' = 'all'
having count(*) > 0
order by 1, 2 desc;
