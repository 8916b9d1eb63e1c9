-- title: a step was sent before an earlier one
-- means: These people got a later step of a sequence first.
-- needs: broadcast_messages(id, recipient_phone, status, sent_at, sequence_stepid), sequence_steps(id, sequence_id, day_number)
with
-- include: audit/sources/messages
,
-- include: audit/sources/steps
,
sent as (
    select m.person, s.sequence_id, s.day, min(m.sent_at) as at, min(m.id) as id
    from messages m
    join steps s on s.id = m.step_id
    where m.meaning = 'sent' and m.sent_at is not null and m.phone is not null and s.day is not null
    group by m.person, s.sequence_id, s.day
),
ordered as (
    select *, max(at) over earlier as earlier_at
    from sent
    window earlier as (partition by person, sequence_id order by day rows between unbounded preceding and 1 preceding)
),
worst as (
    select *, count(*) over () as found from ordered where at < earlier_at
    order by earlier_at - at desc, person, sequence_id, day
    limit :'examples'::int
)
select w.found, w.person as phone, w.sequence_id, w.day, w.at as sent_at, e.day as earlier_day, e.at as earlier_sent_at,
       w.earlier_at - w.at as too_soon, array[e.id, w.id] as ids
from worst w
join sent e on e.person = w.person and e.sequence_id is not distinct from w.sequence_id and e.day < w.day and e.at = w.earlier_at
order by w.earlier_at - w.at desc, w.person, w.sequence_id, w.day, e.day
limit :'examples'::int;
