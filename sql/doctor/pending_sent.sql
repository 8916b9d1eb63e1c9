-- Pending contact rows whose message was sent, where no other row of the person and step could be meant.
with
-- include: doctor/contact
,
-- include: doctor/message
, suspect as materialized (
    select c.id, c.sequence_id, c.step_id, c.person, c.phone, min(m.id::text) as message_id
    from contact c
    join message m on m.sequence_id = c.sequence_id and m.step_id = c.step_id and m.person = c.person
    where c.status = 'pending' and m.status = any(:'sent'::text[])
    group by c.id, c.sequence_id, c.step_id, c.person, c.phone
),
alone as (
    select s.id, s.phone, s.message_id
    from suspect s
    join contact c on c.sequence_id = s.sequence_id and c.step_id = s.step_id and c.person = s.person
    group by s.id, s.phone, s.message_id
    having count(*) = 1
)
select count(*) over () as total, array[id::text] as ids, phone, format('message %s was sent', message_id) as detail,
       null::text as statement
from alone
order by id
limit :'limit'::int;
