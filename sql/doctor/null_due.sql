-- Pending rows of a first step without a due time, and pending messages without one. A later step's comes from its delay.
with first_step as (
    select sequence_id, min(day_number) as day from sequence_steps group by sequence_id
),
timeless as (
    select c.id, c.contact_phone::text as phone, 'contact row of the first step' as detail
    from sequence_contacts c
    join sequence_steps s on s.id = c.sequence_stepid and s.sequence_id = c.sequence_id
    join first_step f on f.sequence_id = s.sequence_id and f.day = s.day_number
    where c.next_trigger_time is null and lower(c.status::text) = 'pending'
    union all
    select id, recipient_phone::text, 'message'
    from broadcast_messages
    where scheduled_at is null and lower(status::text) = 'pending'
)
select count(*) over () as total, array[id::text] as ids, phone, detail, null::text as statement
from timeless
order by id
limit :'limit'::int;
