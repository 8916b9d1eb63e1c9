-- Completed contact rows whose messages all failed, were skipped or still wait.
with
-- include: doctor/contact
,
-- include: doctor/message
, unsent as materialized (
    select sequence_id, step_id, person, string_agg(distinct status, ', ') as states, min(id::text) as message_id
    from message
    where not (status = any(:'sent'::text[]) or status = any(:'doubtful'::text[]) or status = 'unknown')
    group by sequence_id, step_id, person
),
suspect as materialized (
    select c.id, c.phone, u.*
    from unsent u
    join contact c on c.sequence_id = u.sequence_id and c.step_id = u.step_id and c.person = u.person
    where c.status = 'completed'
)
select count(*) over () as total, array[u.id::text] as ids, u.phone,
       format('its message %s is %s', u.message_id, u.states) as detail, null::text as statement
from suspect u
where not exists (
    select from message m
    where m.sequence_id = u.sequence_id and m.step_id = u.step_id and m.person = u.person
      and (m.status = any(:'sent'::text[]) or m.status = any(:'doubtful'::text[]) or m.status = 'unknown'))
order by u.id
limit :'limit'::int;
