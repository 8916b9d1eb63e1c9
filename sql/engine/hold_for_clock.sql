-- The database's clock jumped: everything waits until every window is true again.
-- Forward, charges look older than they are, for a whole window; back, until the clock is where it was.
insert into seqconsole.holds as h (scope, key, holder, reason, until, since)
select 'all', '', 'clock', :'reason',
       :'now'::timestamptz + case when :'jump'::interval > interval '0'
                                  then coalesce((select max(send_window) from seqconsole.devices), interval '1 hour')
                                  else -:'jump'::interval end,
       :'now'::timestamptz
on conflict (scope, key, holder) do update
set reason = excluded.reason, until = greatest(h.until, excluded.until);
