-- As stuck_messages.sql, where our engine works too: what it tried is its own, and it ends it by itself.
select count(*) over () as total, array[m.id::text] as ids, m.recipient_phone::text as phone,
       m.status::text as detail, null::text as statement
from broadcast_messages m
where lower(m.status::text) = any(:'doubtful'::text[])
  and coalesce(m.updated_at, m.scheduled_at, m.created_at, '-infinity')::timestamptz < :'now'::timestamptz - interval '1 hour'
  and not exists (select from seqconsole.attempts a where a.message_id = m.id)
order by m.id
limit :'limit'::int;
