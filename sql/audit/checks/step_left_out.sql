-- title: a later step was sent while an earlier one is still open
-- means: The sequence went on without this step, which is still to be sent: it would arrive out of order.
-- needs: sequence_contacts(id, sequence_id, contact_phone, status, sequence_stepid), broadcast_messages(id, recipient_phone, status, sequence_stepid), sequence_steps(id, sequence_id, day_number)
with
-- include: audit/sources/contacts
,
-- include: audit/sources/messages
,
-- include: audit/sources/steps
,
sent as materialized (
    select m.person, s.sequence_id, max(s.day) as day
    from messages m
    join steps s on s.id = m.step_id
    where m.meaning = 'sent' and m.phone is not null
    group by m.person, s.sequence_id
),
passed as (
    select c.person, c.sequence_id, c.step_id, min(s.day) as day, min(x.day) as sent_day, (array_agg(c.id order by c.id))[1:20] as ids
    from contacts c
    join steps s on s.id = c.step_id
    join sent x on x.person = c.person and x.sequence_id = s.sequence_id and x.day > s.day
    where c.status in ('pending', 'active', 'processing', 'queued')
    group by c.person, c.sequence_id, c.step_id
)
select count(*) over () as found, p.person as phone, p.sequence_id, p.day, p.sent_day, p.ids
from passed p
where not exists (select 1 from messages m
                  where m.person = p.person and m.step_id = p.step_id and m.meaning in ('sent', 'unknown'))
  and not exists (select 1 from contacts c
                  where c.person = p.person and c.step_id = p.step_id
                    and c.status in ('completed', 'skipped', 'failed'))
order by p.sent_day - p.day desc, p.person, p.sequence_id
limit :'examples'::int;
