-- The facts of the status strip (DESIGN 7). What belongs to a device (due, paused, offline, the hour's sends) is
-- added from views/devices, read in the same snapshot. A worker counts while its heartbeat is younger than 15 s.
with message as (
    select state, sum(n) as n
    from (
        select state, n from seqconsole.counters where scope = 'device' and n <> 0
        union all
        select d ->> 3, (d ->> 4)::bigint
        from seqconsole.changes c, jsonb_array_elements(c.delta) as d
        where c.kind = 'counters' and d ->> 0 = 'device'
    ) unread
    group by state
),
worker as (
    select count(*)::int as workers, count(distinct version)::int as versions, max(lag) as lag
    from seqconsole.workers
    where ticked_at > :'now'::timestamptz - interval '15 seconds'
),
everything as (
    select coalesce(nullif(reason, ''), 'held by ' || holder) as everything_held, holder, until
    from seqconsole.holds
    where scope = 'all' and until > :'now'::timestamptz
    order by until desc, holder
    limit 1
),
ending as materialized (   -- holds that an act ends within its 10 s (DESIGN 6)
    select scope, key, until
    from seqconsole.holds
    where (holder in ('operator', 'switch', 'limits', 'limits undone') or operation_id is not null) and until > :'now'::timestamptz
      and until <= :'now'::timestamptz + interval '10 seconds'
),
let_out as (   -- what they let out: rows of their own wait, and due messages behind those holds
    select p.message_id, p.at as until
    from seqconsole.progress p
    where p.gate = 'countdown' and p.at > :'now'::timestamptz and p.at < 'infinity'
    union all
    select one.message_id, e.until
    from ending e
    cross join lateral (
        select p.message_id from seqconsole.progress p
        where e.scope = 'all' and p.state = 'r' and p.at <= e.until
        limit 10000
    ) one
    union all
    select one.message_id, e.until
    from ending e
    join seqconsole.devices d
      on e.scope = 'device' and d.device_id::text = e.key
      or e.scope = 'user' and d.user_id::text = e.key
      or e.scope = 'host' and d.host = e.key
      or e.scope = 'sequence'
    cross join lateral (
        select p.message_id from seqconsole.progress p
        where p.device_id = d.device_id and p.state = 'r' and p.at <= e.until
          and (e.scope <> 'sequence' or p.sequence_id::text = e.key)
        limit 1000
    ) one
),
countdown as (
    select (select count(*)::int from let_out) as n,
           (select min(until) from (select until from let_out union all select until from ending) u) as until
)
select :'now'::timestamptz as now,
       coalesce(seqconsole.setting('engine') = 'on', false) as engine_on,
       (select everything_held from everything) as everything_held,
       (select nullif(until, 'infinity') from everything) as held_until,
       (select holder from everything) as held_by,
       pg_is_in_recovery() or current_setting('default_transaction_read_only')::bool as server_read_only,
       (select f.detail ->> 'alarm' from seqconsole.findings f
         where f.kind in ('old transaction', 'slow claims') order by f.kind desc, f.since limit 1) as alarm,
       worker.workers, worker.versions, worker.lag,
       (select count(*)::int from seqconsole.attempts a   -- a send is settled within minutes of its claim
         where a.claimed_at > :'now'::timestamptz - interval '5 minutes' and a.outcome = 'sent'
           and a.settled_at > :'now'::timestamptz - interval '1 minute') as sent_last_minute,
       (select coalesce(sum(width_bucket(:'now'::timestamptz, d.ring)
                            - width_bucket(:'now'::timestamptz - interval '1 hour', d.ring)), 0)::bigint
          from seqconsole.devices d) as sent_last_hour,
       (select coalesce(sum(n), 0)::bigint from message where state = 'pending') as pending,
       (select coalesce(sum(n), 0)::bigint from message where state = 'sending') as sending,
       (select coalesce(sum(n), 0)::bigint from message where state = 'unknown') as unknown,
       (select coalesce(sum(n), 0)::bigint from message where state = 'failed') as failed,
       (select count(*) from seqconsole.findings where kind = 'duplicate') as duplicates,
       (select count(*) from seqconsole.findings where kind <> 'duplicate') as findings,
       (select count(*) from seqconsole.findings where kind = 'unclaimable') as unclaimable,
       countdown.n as countdown, countdown.until as countdown_until,
       seqconsole.setting('mark') as mark,
       seqconsole.setting('clock_offset')::interval as clock_offset
from worker, countdown;
