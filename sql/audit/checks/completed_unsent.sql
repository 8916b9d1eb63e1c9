-- title: a step is completed though no message of it was sent
-- means: The contact went on as if it had got this step. Rows from before the oldest message are noted, not counted: it may be gone.
-- needs: sequence_contacts(id, sequence_id, contact_phone, status, sequence_stepid, completed_at), broadcast_messages(id, recipient_phone, status, sequence_stepid)
with
-- include: audit/sources/contacts
,
-- include: audit/sources/messages
,
known as materialized (select min(coalesce(created_at, sent_at, scheduled_at)) as since from messages),
unsent as (
    select c.*, coalesce(c.completed_at >= k.since, k.since is not null) as is_counted
    from contacts c
    cross join known k
    where c.status = 'completed'
      and not exists (select 1 from messages m
                      where m.person = c.person and m.step_id = c.step_id and m.meaning = 'sent')
),
worst as (
    select *, count(*) filter (where is_counted) over () as found, count(*) filter (where not is_counted) over () as noted
    from unsent
    order by is_counted desc, completed_at desc nulls last, id
    limit :'examples'::int
)
select w.found, w.noted, w.person as phone, w.sequence_id, w.step_id, w.completed_at, min(m.status) as message,
       array[w.id] || (array_agg(m.id order by m.id) filter (where m.id is not null))[1:5] as ids
from worst w
left join messages m on m.person = w.person and m.step_id = w.step_id
group by w.found, w.noted, w.person, w.sequence_id, w.step_id, w.completed_at, w.id, w.is_counted
order by w.is_counted desc, w.completed_at desc nulls last, w.id;
