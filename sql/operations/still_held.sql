-- What else holds these: other holders of the same, and whatever is wider.
with wanted as materialized (
    select distinct key collate "C" as key from unnest(:'keys'::text[]) as k(key)
),
live as materialized (
    select h.scope, h.key, h.holder, h.reason, case when isfinite(h.until) then h.until end as until
    from seqconsole.holds h
    where h.until > :'now'::timestamptz and (h.scope <> :'scope' or h.holder <> :'holder')
      and (h.scope in (:'scope', 'all') or :'scope' = 'device' and h.scope in ('user', 'host'))
),
device as materialized (
    select d.device_id::text collate "C" as key, d.user_id::text collate "C" as user_id, d.host collate "C" as host
    from seqconsole.devices d
    where :'scope' = 'device' and d.device_id::text = any(:'keys'::text[])
)
select w.key, l.scope, l.holder, l.reason, l.until
from wanted w
join live l on l.scope = :'scope' and l.key = w.key or l.scope = 'all'
union
select d.key, l.scope, l.holder, l.reason, l.until
from device d
join live l on l.scope = 'user' and l.key = d.user_id or l.scope = 'host' and l.key = d.host
order by 1, 2, 3
limit 200;
