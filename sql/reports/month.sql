-- What the deliveries of a span of days came to, grouped as asked (:'by_...'), and the attempts of those days. Days are
-- those of the declared zone: a transaction has it as its own. Deliveries are permanent; attempts are there while their
-- day is kept. In doubt counts what still is, on the day of its attempt. Reads the ledger from end to end.
with span as (
    select :'first'::date::timestamptz as from_at, :'after'::date::timestamptz as to_at
),
told as materialized (
    select d.step_id, d.message_id, d.device_id, d.outcome,
           case when d.outcome = 'u'
                then coalesce((select p.claimed_at from seqconsole.progress p where p.message_id = d.message_id), d.settled_at)
                else d.settled_at end as at
    from seqconsole.deliveries d, span
    where d.outcome = 'u' or d.outcome is not null and d.settled_at >= span.from_at and d.settled_at < span.to_at
),
counted as (
    select t.step_id, t.message_id, t.device_id, (t.at::timestamptz)::date as day,
           (t.outcome = 's')::int as sent, (t.outcome = 'f')::int as failed, (t.outcome = 'u')::int as in_doubt,
           (t.outcome = 'k')::int as skipped, 0 as attempts
    from told t, span
    where t.at >= span.from_at and t.at < span.to_at
    union all
    select a.step_id, a.message_id, a.device_id, a.claimed_at::date, 0, 0, 0, 0, 1
    from seqconsole.attempts a, span
    where a.claimed_at >= span.from_at and a.claimed_at < span.to_at
),
placed as (   -- a step that is gone, and a message without one, have their sequence from the message
    select case when :'by_user'::bool then coalesce(u.user_id, k.user_id) end as user_id,
           case when :'by_sequence'::bool then coalesce(s.sequence_id,
               (select m.sequence_id from broadcast_messages m where s.id is null and m.id = c.message_id)) end as sequence_id,
           case when :'by_device'::bool then c.device_id end as device_id,
           case when :'by_day'::bool then c.day end as day,
           :'by_sequence'::bool and s.id is null and c.step_id <> c.message_id as step_gone,
           c.sent, c.failed, c.in_doubt, c.skipped, c.attempts
    from counted c
    left join sequence_steps s on s.id = c.step_id
    left join user_devices u on u.id = c.device_id
    left join seqconsole.devices k on k.device_id = c.device_id
),
grouped as (
    select user_id, sequence_id, device_id, day, bool_or(step_gone) as step_gone, sum(sent) as sent, sum(failed) as failed,
           sum(in_doubt) as in_doubt, sum(skipped) as skipped, sum(attempts) as attempts
    from placed
    group by user_id, sequence_id, device_id, day, case when sequence_id is null then step_gone end
)
select g.user_id, g.sequence_id,
       case when not :'by_sequence'::bool then null
            when g.sequence_id is null then case when g.step_gone then '(deleted step)' else '(no sequence)' end
            else coalesce(q.name::text, '(deleted sequence)') end as sequence_name,
       g.device_id,
       case when not :'by_device'::bool then null
            when g.device_id is null then '(no device)'
            else coalesce(u.device_name::text, '(deleted device)') end as device_name,
       g.day, g.sent::bigint, g.failed::bigint, g.in_doubt::bigint, g.skipped::bigint, g.attempts::bigint
from grouped g
left join sequences q on q.id = g.sequence_id
left join user_devices u on u.id = g.device_id
order by g.day, g.user_id, 3, g.sequence_id, 5, g.device_id;
