-- A worker's sign of life (DESIGN 5.6). lag: how long the oldest due work has waited.
insert into seqconsole.workers as w (id, host, pid, version, started_at, ticked_at, lag, sending, draining, boot_id, booted)
select :'worker'::uuid, :'host', :'pid'::int, :'version', :'now'::timestamptz, :'now'::timestamptz,
       coalesce(greatest(:'now'::timestamptz
                         - (select min(p.at) from seqconsole.progress p where p.state = 'w'), interval '0'), interval '0'),
       :'sending'::int, :'draining'::bool, :'boot_id', :'booted'::float8
on conflict (id) do update
set ticked_at = excluded.ticked_at, lag = excluded.lag, sending = excluded.sending, draining = excluded.draining,
    boot_id = excluded.boot_id, booted = excluded.booted;
