-- The holds in force, the widest scope first, at most :'limit' of each scope (contacts that said stop may be many).
select h.scope, h.key, n.name, h.holder, h.cold_only, h.reason, h.since, nullif(h.until, 'infinity') as until
from unnest(array['all', 'user', 'host', 'device', 'sequence', 'contact']) with ordinality as s (scope, place)
cross join lateral (
    select h.*
    from seqconsole.holds h
    where h.scope = s.scope and h.until > :'now'::timestamptz
    order by h.key, h.holder
    limit :'limit'::int
) h
left join lateral (
    select u.device_name::text as name from user_devices u where h.scope = 'device' and u.id::text = h.key
    union all
    select q.name::text from sequences q where h.scope = 'sequence' and q.id::text = h.key
) n on true
order by s.place, h.since, h.key, h.holder;
