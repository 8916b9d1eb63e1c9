-- The messages of one person in all sequences and states, over all spellings of the phone, the newest first.
with page as materialized (
    select m.id, m.scheduled_at
    from broadcast_messages m
    where seqconsole.phone_key(m.recipient_phone) collate "C" = :'phone_key'::text collate "C"
      and (:'state'::text is null or seqconsole.message_state(m.status::text) = :'state'::text)
      and (:'device_id'::uuid is null or m.device_id = :'device_id'::uuid)
    order by m.scheduled_at desc nulls last, m.id
    limit :'limit'::int
)
select m.id, m.device_id, u.device_name::text as device_name, q.name::text as sequence_name, s.day_number,
       :'phone_key'::text as phone_key, m.recipient_name::text as name, coalesce(m.status::text, '') as status,
       case when m.scheduled_at between '0002-01-01' and '9998-12-31' then m.scheduled_at::timestamptz end as scheduled_at,
       case when m.sent_at between '0002-01-01' and '9998-12-31' then m.sent_at::timestamptz end as sent_at,
       m.error_message::text as error, coalesce(p.tries, 0) as tries,
       case when p.at between '0002-01-01' and '9998-12-31' then p.at end as at, p.gate
from page
join broadcast_messages m on m.id = page.id
left join user_devices u on u.id = m.device_id
left join sequences q on q.id = m.sequence_id
left join sequence_steps s on s.id = m.sequence_stepid
left join seqconsole.progress p on p.message_id = m.id
order by page.scheduled_at desc nulls last, page.id;
