-- title: a step was sent sooner after the one before than its delay
-- means: By the delays of today; less than five minutes apart is a burst, and a minute of tolerance is given.
-- needs: broadcast_messages(id, recipient_phone, status, sent_at, sequence_stepid), sequence_steps(id, sequence_id, day_number, trigger_delay_hours)
with
-- include: audit/sources/messages
,
-- include: audit/sources/steps
,
sent as (
    select m.person, s.sequence_id, s.day, min(m.sent_at) as at, min(m.id) as id, min(s.delay_hours) as delay_hours
    from messages m
    join steps s on s.id = m.step_id
    where m.meaning = 'sent' and m.sent_at is not null and m.phone is not null and s.day is not null
    group by m.person, s.sequence_id, s.day
),
ordered as (
    select *, lag(at) over steps as earlier_at, lag(day) over steps as earlier_day, lag(id) over steps as earlier_id
    from sent
    window steps as (partition by person, sequence_id order by day)
)
select count(*) over () as found, person as phone, sequence_id, earlier_day, day, earlier_at, at as sent_at,
       make_interval(hours => delay_hours) as delay, at - earlier_at as waited, array[earlier_id, id] as ids
from ordered
where at >= earlier_at + interval '5 minutes'
  and at + interval '1 minute' < earlier_at + make_interval(hours => delay_hours)
order by earlier_at + make_interval(hours => delay_hours) - at desc, person, sequence_id, day
limit :'examples'::int;
