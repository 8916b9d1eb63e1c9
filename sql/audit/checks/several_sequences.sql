-- title: a person got messages of several sequences on one day
-- kind: notice
-- means: No fault by itself; a cap per person over all sequences (`seqconsole limits`) keeps them apart.
-- needs: broadcast_messages(id, recipient_phone, status, sent_at, sequence_id)
with
-- include: audit/sources/messages
,
worst as (
    select person, day, count(*) as sequences, sum(n)::bigint as messages, count(*) over () as found
    from (
        select person, sent_at::date as day, sequence_id, count(*) as n
        from messages
        where meaning = 'sent' and sent_at is not null and sequence_id is not null and phone is not null
        group by person, sent_at::date, sequence_id
    ) s
    group by person, day
    having count(*) > 1
    order by sequences desc, messages desc, day desc, person
    limit :'examples'::int
)
select w.found, w.person as phone, w.day, w.sequences, w.messages, (array_agg(m.id order by m.sent_at, m.id))[1:20] as ids
from worst w
join messages m on m.person = w.person and m.sent_at::date = w.day and m.meaning = 'sent' and m.sequence_id is not null
group by w.found, w.person, w.day, w.sequences, w.messages
order by w.sequences desc, w.messages desc, w.day desc, w.person;
