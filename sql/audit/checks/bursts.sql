-- title: a contact got several steps within minutes
-- means: Steps that should be hours apart were sent less than five minutes after each other.
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
),
burst as (
    select person, sequence_id, count(*) as steps, min(earlier_at) as first_at, max(at) as last_at,
           (array_agg(earlier_id order by day) || (array_agg(id order by day desc))[1:1])[1:20] as ids
    from ordered
    where at >= earlier_at and at < earlier_at + interval '5 minutes' and delay_hours <> 0
    group by person, sequence_id
)
select count(*) over () as found, person as phone, sequence_id, steps + 1 as steps, first_at, last_at, ids
from burst
order by steps desc, person, sequence_id
limit :'examples'::int;
