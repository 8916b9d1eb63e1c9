-- title: a contact row is due and nobody can claim it
-- means: These rows wait for ever, in silence: `why` says what each lacks. A device that is away counts after an hour.
-- needs: sequence_contacts(id, sequence_id, contact_phone, status, sequence_stepid, next_trigger_time, assigned_device_id), sequences(id), sequence_steps(id, sequence_id, day_number), user_devices(id)
with
-- include: audit/sources/contacts
,
-- include: audit/sources/steps
,
-- include: audit/sources/sequences
,
-- include: audit/sources/devices
,
owners as (select distinct user_id from devices),
ahead as (   -- how far each person has come: only the lowest open step can be lacking its time
    select c.person, c.sequence_id, min(s.day) as day
    from contacts c
    join steps s on s.id = c.step_id
    where c.status is null or c.status not in ('completed', 'skipped')
    group by c.person, c.sequence_id
),
judged as (
    select c.id, c.due, case
               when q.id is null then 'its sequence is missing'
               when s.id is null then 'its step is missing'
               when c.due is null and a.day < s.day then null
               when c.device_id is null and (not :'adopted'::boolean or o.user_id is null) then 'no device'
               when c.device_id is not null and d.id is null then 'its device is missing'
               when d.user_id <> c.user_id then 'its device is another user''s'
               when c.due is null and not :'adopted'::boolean then 'no due time'
               when d.away and c.due < :'now'::timestamptz - interval '1 hour' then 'its device is away'
           end as why
    from contacts c
    left join sequences q on q.id = c.sequence_id
    left join steps s on s.id = c.step_id
    left join devices d on d.id = c.device_id
    left join owners o on o.user_id = c.user_id
    left join ahead a on a.person = c.person and a.sequence_id = c.sequence_id
    where c.status = 'pending' and (c.due is null or c.due <= :'now'::timestamptz) and not coalesce(q.resting, false)
),
placed as (
    select *, row_number() over (partition by why order by due nulls first, id) as place from judged where why is not null
)
select (sum(count(*)) over ())::bigint as found, why, count(*) as rows, min(due) as oldest_due,
       array_agg(id order by due nulls first, id) filter (where place <= 20) as ids
from placed
group by why
order by rows desc, why
limit :'examples'::int;
