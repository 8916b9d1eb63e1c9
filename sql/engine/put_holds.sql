-- Holds that an answer of a gateway asks for (breaker, offline, a contact to leave alone). Longer and wider ones win.
insert into seqconsole.holds as h (scope, key, holder, reason, until, cold_only, since)
select scope, key, holder, reason, coalesce(until, 'infinity'), cold_only, :'now'::timestamptz
from unnest(:'scopes'::text[], :'keys'::text[], :'holders'::text[], :'reasons'::text[], :'untils'::timestamptz[],
            :'cold_onlys'::bool[]) as x(scope, key, holder, reason, until, cold_only)
on conflict (scope, key, holder) do update
set reason = excluded.reason, until = greatest(h.until, excluded.until),
    cold_only = excluded.cold_only and (h.cold_only or h.until <= :'now'::timestamptz),
    operation_id = null,
    since = case when h.until <= :'now'::timestamptz then excluded.since else h.since end;
