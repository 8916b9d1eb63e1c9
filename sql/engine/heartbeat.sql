-- A worker's sign of life (DESIGN 5.6). lag: how long the oldest due work has waited. The present stretch in which engines
-- are at work grows, by one of them every few seconds; after a break a new one begins.
with present as materialized (
    select r.began from seqconsole.engine_runs r
    where r.ended > :'now'::timestamptz - interval '30 seconds'
    order by r.ended desc
    limit 1
),
grown as (
    update seqconsole.engine_runs r
    set ended = :'now'::timestamptz
    from present p
    where r.began = p.began and r.ended < :'now'::timestamptz - interval '5 seconds'
),
begun as (
    insert into seqconsole.engine_runs (began, ended)
    select :'now'::timestamptz, :'now'::timestamptz
    where not exists (select 1 from present)
    on conflict do nothing
)
insert into seqconsole.workers as w (id, host, pid, version, started_at, ticked_at, lag, sending, draining, boot_id, booted)
select :'worker'::uuid, :'host', :'pid'::int, :'version', :'now'::timestamptz, :'now'::timestamptz,
       coalesce(greatest(:'now'::timestamptz
                         - (select min(p.at) from seqconsole.progress p where p.state = 'w'), interval '0'), interval '0'),
       :'sending'::int, :'draining'::bool, :'boot_id', :'booted'::float8
on conflict (id) do update
set ticked_at = excluded.ticked_at, lag = excluded.lag, sending = excluded.sending, draining = excluded.draining,
    boot_id = excluded.boot_id, booted = excluded.booted;
