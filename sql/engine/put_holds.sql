-- Holds that an answer of a gateway asks for (breaker, offline, a contact to leave alone). Longer ones win.
insert into seqconsole.holds as h (scope, key, holder, reason, until, since)
select scope, key, holder, reason, coalesce(until, 'infinity'), :'now'::timestamptz
from unnest(:'scopes'::text[], :'keys'::text[], :'holders'::text[], :'reasons'::text[], :'untils'::timestamptz[])
     as x(scope, key, holder, reason, until)
on conflict (scope, key, holder) do update
set reason = excluded.reason, until = greatest(h.until, excluded.until),
    since = case when h.until <= :'now'::timestamptz then excluded.since else h.since end;
