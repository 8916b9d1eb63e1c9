-- The queue, most interesting first: in doubt, sending, failed (newest first), pending (due first). Each state is read
-- from the index seqconsole_message_device, only of devices that have it by the counters; with many devices only the
-- first rows of each, so that the cost stays O(devices), whatever the queue's length. Without a state, failed ones
-- take at most half of the page.
with wanted (state, rank, top) as materialized (
    select state, rank, case when state = 'failed' and :'state'::text is null then :'limit'::int / 2 else :'limit'::int end
    from (values ('unknown', 1), ('sending', 2), ('failed', 3), ('pending', 4), ('other', 5), ('skipped', 6), ('sent', 7))
         as v (state, rank)
    where case when :'state'::text is null then rank <= 4 else state = :'state'::text end
),
counted as materialized (
    select key as device_id, state, rank, top
    from (
        select key, state, n from seqconsole.counters where scope = 'device' and n <> 0
        union all
        select (d ->> 1)::uuid, d ->> 3, (d ->> 4)::bigint
        from seqconsole.changes c, jsonb_array_elements(c.delta) as d
        where c.kind = 'counters' and d ->> 0 = 'device'
    ) unread
    join wanted using (state)
    where :'device_id'::uuid is null or key = :'device_id'::uuid
    group by key, state, rank, top
    having sum(n) > 0
),
share as materialized (
    select state, greatest(1, least(:'limit'::int, 4000 / count(*)::int)) as each from counted group by state
),
candidate as (
    select c.rank, c.top, m.id, m.scheduled_at
    from counted c
    join share using (state)
    cross join lateral (
        select b.id, b.scheduled_at::timestamptz as scheduled_at
        from broadcast_messages b
        where b.device_id = c.device_id and b.status::text = c.state
        order by b.scheduled_at
        limit share.each
    ) m
    where c.state in ('pending', 'sending', 'unknown')
    union all
    select c.rank, c.top, m.id, m.scheduled_at
    from counted c
    join share using (state)
    cross join lateral (
        select b.id, b.scheduled_at::timestamptz as scheduled_at
        from broadcast_messages b
        where b.device_id = c.device_id and b.status::text = c.state
        order by b.scheduled_at desc
        limit share.each
    ) m
    where c.state in ('failed', 'skipped', 'sent')
    union all   -- a status that nobody knows, and messages of no device
    select c.rank, c.top, m.id, m.scheduled_at
    from counted c
    join share using (state)
    cross join lateral (
        select b.id, b.scheduled_at::timestamptz as scheduled_at
        from broadcast_messages b
        where b.device_id = c.device_id and seqconsole.message_state(b.status::text) = c.state
        limit share.each
    ) m
    where c.state = 'other'
    union all
    select c.rank, c.top, m.id, m.scheduled_at
    from counted c
    cross join lateral (
        select b.id, b.scheduled_at::timestamptz as scheduled_at
        from broadcast_messages b
        where b.device_id is null and seqconsole.message_state(b.status::text) = c.state
        limit :'limit'::int
    ) m
    where c.device_id = '00000000-0000-0000-0000-000000000000'
),
placed as (
    select rank, top, id, row_number() over (
               partition by rank
               order by case when rank in (3, 6, 7) then null else scheduled_at end,
                        case when rank in (3, 6, 7) then scheduled_at end desc nulls last, id) as place
    from candidate
),
page as materialized (
    select rank, place, id from placed where place <= top order by rank, place limit :'limit'::int
)
select m.id, m.device_id, left(u.device_name::text, 500) as device_name, left(q.name::text, 500) as sequence_name, s.day_number,
       seqconsole.phone_key(m.recipient_phone) as phone_key, left(m.recipient_name::text, 500) as name,
       left(coalesce(m.status::text, ''), 500) as status,
       case when m.scheduled_at between '0002-01-01' and '9998-12-31' then m.scheduled_at::timestamptz end as scheduled_at,
       case when m.sent_at between '0002-01-01' and '9998-12-31' then m.sent_at::timestamptz end as sent_at,
       left(m.error_message::text, 500) as error, coalesce(p.tries, 0) as tries,
       case when p.at between '0002-01-01' and '9998-12-31' then p.at end as at, p.gate
from page
join broadcast_messages m on m.id = page.id
left join user_devices u on u.id = m.device_id
left join sequences q on q.id = m.sequence_id
left join sequence_steps s on s.id = m.sequence_stepid
left join seqconsole.progress p on p.message_id = m.id
order by page.rank, page.place;
