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
    select coalesce(nullif(reason, ''), 'held by ' || holder) as everything_held, until
    from seqconsole.holds
    where scope = 'all' and until > :'now'::timestamptz
    order by until desc, holder
    limit 1
),
countdown as (   -- what an act lets out within its 10 s (DESIGN 6): parked rows, and holds about to end
    select count(*)::int as n, min(at) as until
    from (
        select at from seqconsole.progress
        where gate = 'countdown' and at > :'now'::timestamptz and at < 'infinity'
        union all
        select until from seqconsole.holds
        where holder in ('operator', 'switch') and until > :'now'::timestamptz
          and until <= :'now'::timestamptz + interval '10 seconds'
    ) ending
)
select :'now'::timestamptz as now,
       coalesce(seqconsole.setting('engine') = 'on', false) as engine_on,
       (select everything_held from everything) as everything_held,
       (select nullif(until, 'infinity') from everything) as held_until,
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
       countdown.n as countdown, countdown.until as countdown_until,
       seqconsole.setting('mark') as mark,
       seqconsole.setting('clock_offset')::interval as clock_offset
from worker, countdown;
