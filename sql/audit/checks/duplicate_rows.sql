-- title: a person has several contact rows for one step
-- means: Each of these rows may be sent: keep one and archive the others (`seqconsole duplicates`) before anything is.
-- needs: sequence_contacts(id, sequence_id, contact_phone, status, sequence_stepid), sequence_steps(id, sequence_id)
with
-- include: audit/sources/contacts
,
-- include: audit/sources/steps
,
worst as (
    select c.sequence_id, c.person, c.step_id, count(*) as rows, count(*) over () as found
    from contacts c
    where c.sequence_id is not null and c.phone is not null and c.step_id in (select id from steps)
    group by c.sequence_id, c.person, c.step_id
    having count(*) > 1 and count(*) filter (where c.status = 'completed') <= 1
    order by rows desc, c.person, c.sequence_id, c.step_id
    limit :'examples'::int
)
select w.found, w.person as phone, w.sequence_id, w.step_id, w.rows, count(distinct c.phone) as spellings,
       (array_agg(c.status order by c.id))[1:20] as states, (array_agg(c.id order by c.id))[1:20] as ids
from worst w
join contacts c on c.person = w.person and c.sequence_id = w.sequence_id and c.step_id = w.step_id
group by w.found, w.person, w.sequence_id, w.step_id, w.rows
order by w.rows desc, w.person, w.sequence_id, w.step_id;
