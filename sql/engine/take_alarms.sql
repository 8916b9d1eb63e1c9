-- Takes those of these alarms that no command was told of, for one worker and a while, unless some were taken just now.
-- An alarm that was gone for a quarter of an hour is a new one when it comes again.
insert into seqconsole.alarms_told as t (key, since, seen_at, taken_until)
select x.key, x.since, :'now'::timestamptz, :'now'::timestamptz + :'lease'::interval
from unnest(:'keys'::text[], :'sinces'::timestamptz[]) as x(key, since)
where not exists (select 1 from seqconsole.alarms_told l where l.taken_until > :'now'::timestamptz)
order by x.key
on conflict (key) do update
set since = excluded.since, seen_at = excluded.seen_at, taken_until = excluded.taken_until, told_at = null
where t.taken_until <= excluded.seen_at
  and (t.told_at is null or t.seen_at < excluded.seen_at - interval '15 minutes')
returning t.key;
