-- title: a message is due and nobody can claim it
-- means: These messages wait for ever, in silence: `why` says what each lacks. A device that is away counts after an hour.
-- needs: broadcast_messages(id, recipient_phone, status, device_id, scheduled_at, sequence_id, sequence_stepid), sequences(id), sequence_steps(id, sequence_id), user_devices(id)
with
-- include: audit/sources/messages
,
-- include: audit/sources/steps
,
-- include: audit/sources/sequences
,
-- include: audit/sources/devices
,
judged as (
    select m.id, m.scheduled_at as due, case
               when m.device_id is null then 'no device'
               when d.id is null then 'its device is missing'
               when d.user_id <> m.user_id then 'its device is another user''s'
               when m.sequence_id is not null and q.id is null then 'its sequence is missing'
               when m.step_id is not null and s.id is null then 'its step is missing'
               when m.scheduled_at is null and not :'adopted'::boolean then 'no due time'
               when d.away and m.scheduled_at < :'now'::timestamptz - interval '1 hour' then 'its device is away'
           end as why
    from messages m
    left join devices d on d.id = m.device_id
    left join sequences q on q.id = m.sequence_id
    left join steps s on s.id = m.step_id
    where m.status = 'pending' and (m.scheduled_at is null or m.scheduled_at <= :'now'::timestamptz)
      and not coalesce(q.resting, false)
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
