-- What was sent, failed and came into doubt since a moment, from the attempts (a send is settled within minutes of its
-- claim, so their days are few), and what is due and unsent now.
with tried as (
    select count(*) filter (where a.outcome = 'sent') as sent, count(*) filter (where a.outcome = 'failed') as failed
    from seqconsole.attempts a
    where a.claimed_at > :'since'::timestamptz - interval '10 minutes' and a.settled_at >= :'since'::timestamptz
      and a.outcome in ('sent', 'failed')
),
doubt as (
    select count(*) as unknown, count(*) filter (where p.claimed_at >= :'since'::timestamptz) as unknown_new,
           count(*) filter (where p.claimed_at is null) as unknown_foreign   -- another program left them, in words of its own
    from seqconsole.progress p
    where p.state = 'u'
),
due as (   -- on the claim's own index, at most 10,000 a device
    select coalesce(sum(n), 0)::bigint as n
    from user_devices u
    cross join lateral (
        select count(*) as n
        from (select 1 from seqconsole.progress p
               where p.device_id = u.id and p.state = 'r' and p.at <= :'now'::timestamptz limit 10000) one
    ) one
),
waiting as (
    select count(*) as n
    from (select 1 from seqconsole.progress p where p.state = 'w' and p.at <= :'now'::timestamptz limit 100000) one
)
select tried.sent, tried.failed, doubt.unknown, doubt.unknown_new, doubt.unknown_foreign, due.n + waiting.n as due,
       (select count(*) from seqconsole.findings f where f.kind = 'duplicate') as duplicates,
       (select count(*) from seqconsole.findings f where f.kind = 'duplicate' and f.since >= :'since'::timestamptz)
           as duplicates_new,
       coalesce(seqconsole.setting('engine') = 'on', false) as engine_on
from tried, doubt, due, waiting;
