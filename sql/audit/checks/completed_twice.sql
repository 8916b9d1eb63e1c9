-- title: a person has one step completed more than once
-- means: Several contact rows of one person and step say that the step was done: it was probably sent as often.
-- needs: sequence_contacts(id, sequence_id, contact_phone, status, sequence_stepid)
with
-- include: audit/sources/contacts
,
worst as (
    select sequence_id, person, step_id, count(*) as times, count(*) over () as found
    from contacts
    where status = 'completed' and step_id is not null and phone is not null
    group by sequence_id, person, step_id
    having count(*) > 1
    order by times desc, person, sequence_id, step_id
    limit :'examples'::int
)
select w.found, w.person as phone, w.sequence_id, w.step_id, w.times, count(distinct c.device_id) as devices,
       count(distinct c.phone) as spellings, min(c.completed_at) as first_at, max(c.completed_at) as last_at,
       (array_agg(c.id order by c.completed_at, c.id))[1:20] as ids
from worst w
join contacts c on c.person = w.person and c.sequence_id is not distinct from w.sequence_id and c.step_id = w.step_id
where c.status = 'completed'
group by w.found, w.person, w.sequence_id, w.step_id, w.times
order by w.times desc, w.person, w.sequence_id, w.step_id;
