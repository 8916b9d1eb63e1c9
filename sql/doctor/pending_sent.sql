-- Pending contact rows whose message was sent, where no other row of the person and step could be meant.
with
-- include: doctor/contact
,
-- include: doctor/message
, waiting as materialized (
    select sequence_id, step_id, person, min(id::text) as id, min(phone) as phone
    from contact
    where step_id is not null
    group by sequence_id, step_id, person
    having count(*) = 1 and min(status) = 'pending'
)
select count(*) over () as total, array[w.id] as ids, w.phone, format('message %s was sent', min(m.id::text)) as detail,
       null::text as statement
from waiting w
join message m on m.sequence_id = w.sequence_id and m.step_id = w.step_id and m.person = w.person
where m.status = any(:'sent'::text[])
group by w.id, w.phone
order by w.id
limit :'limit'::int;
