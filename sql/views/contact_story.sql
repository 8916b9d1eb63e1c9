-- One person's contact rows in all sequences, in the order they are lived through. The sequences are found by a loose
-- scan of the index seqconsole_contact_person, so that rows of a deleted sequence are there too.
with recursive lane (sequence_id) as (
    (select c.sequence_id from sequence_contacts c where c.sequence_id is not null order by c.sequence_id limit 1)
    union all
    select (select c.sequence_id from sequence_contacts c where c.sequence_id > lane.sequence_id
             order by c.sequence_id limit 1)
    from lane
    where lane.sequence_id is not null
),
page as materialized (
    select c.*, :'phone_key'::text collate "C" as person
    from lane
    cross join lateral (
        select * from sequence_contacts c
        where c.sequence_id = lane.sequence_id
          and seqconsole.phone_key(c.contact_phone) collate "C" = :'phone_key'::text collate "C"
    ) c
    union all
    select c.*, :'phone_key'::text collate "C"
    from sequence_contacts c
    where c.sequence_id is null and seqconsole.phone_key(c.contact_phone) collate "C" = :'phone_key'::text collate "C"
)
select c.id, c.sequence_id, left(q.name::text, 500) as sequence_name, c.sequence_stepid as step_id, s.day_number,
       left(c.contact_name::text, 500) as name, left(c.contact_phone::text, 500) as phone, c.person as phone_key,
       left(coalesce(c.status::text, ''), 500) as status,
       case when c.next_trigger_time between '0002-01-01' and '9998-12-31' then c.next_trigger_time::timestamptz end
           as next_trigger_time,
       case when c.completed_at between '0002-01-01' and '9998-12-31' then c.completed_at::timestamptz end as completed_at,
       left(u.device_name::text, 500) as device_name,
       case p.state when 'w' then 'waiting' when 'r' then 'ready' when 's' then 'sending' when 'u' then 'unknown'
                    when 'f' then 'failed' end as open_state,
       case when p.at between '0002-01-01' and '9998-12-31' then p.at end as at,
       p.gate, left(c.last_error::text, 500) as last_error, m.id as message_id, left(m.status::text, 500) as message_status
from page c
left join sequences q on q.id = c.sequence_id
left join sequence_steps s on s.id = c.sequence_stepid
left join seqconsole.progress p
       on p.track = c.sequence_id and p.phone_key = c.person and p.run = 1 and p.step_id = c.sequence_stepid
left join seqconsole.deliveries d on d.phone_key = c.person and d.step_id = c.sequence_stepid and d.run = 1
left join broadcast_messages m on m.id = coalesce(p.message_id, d.message_id)
left join user_devices u on u.id = coalesce(c.assigned_device_id, p.device_id, d.device_id)
order by q.name, c.sequence_id, s.day_number nulls last, c.sequence_stepid, c.id;
