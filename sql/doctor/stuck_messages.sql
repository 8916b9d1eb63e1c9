-- Messages that another sender took up over an hour ago and never ended.
select count(*) over () as total, array[id::text] as ids, recipient_phone::text as phone,
       status::text as detail, null::text as statement
from broadcast_messages
where lower(status::text) = any(:'doubtful'::text[])
  and coalesce(updated_at, scheduled_at, created_at, '-infinity')::timestamptz < :'now'::timestamptz - interval '1 hour'
order by id
limit :'limit'::int;
