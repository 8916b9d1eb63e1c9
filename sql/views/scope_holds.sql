-- The holds of whole users and gateway hosts in force, at most :'limit' of each scope.
select h.scope, h.key, h.holder, coalesce(nullif(h.reason, ''), 'held by ' || h.holder) as reason,
       nullif(h.until, 'infinity') as until
from unnest(array['user', 'host']) as s (scope)
cross join lateral (
    select h.*
    from seqconsole.holds h
    where h.scope = s.scope and not h.cold_only and h.until > :'now'::timestamptz
    order by h.key, h.holder
    limit :'limit'::int
) h
order by h.scope, h.key, h.holder;
