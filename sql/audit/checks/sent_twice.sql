-- title: a person got one step more than once
-- means: These people were sent the same step again, over whatever device and in whatever spelling of their number.
-- needs: broadcast_messages(id, recipient_phone, status, sequence_stepid)
with
-- include: audit/sources/messages
,
-- include: audit/sources/runs
,
worst as (
    select s.person, s.step_id, s.times, count(*) over () as found
    from (
        select person, step_id, count(*) as times
        from messages
        where meaning = 'sent' and step_id is not null and phone is not null
        group by person, step_id
        having count(*) > 1
    ) s
    left join runs r on r.person = s.person and r.step_id = s.step_id
    where s.times > coalesce(r.n, 0) + 1
    order by s.times desc, s.person, s.step_id
    limit :'examples'::int
)
select w.found, w.person as phone, w.step_id, w.times, count(distinct m.device_id) as devices,
       count(distinct m.phone) as spellings, min(m.sent_at) as first_at, max(m.sent_at) as last_at,
       (array_agg(m.id order by m.sent_at, m.id))[1:20] as ids
from worst w
join messages m on m.person = w.person and m.step_id = w.step_id and m.meaning = 'sent'
group by w.found, w.person, w.step_id, w.times
order by w.times desc, w.person, w.step_id;
