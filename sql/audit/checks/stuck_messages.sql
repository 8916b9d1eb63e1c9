-- title: a message is stuck between queued and sent
-- means: Taken by a sender more than an hour ago and never settled: whether it went out is not known. Never send it again blindly.
-- needs: broadcast_messages(id, recipient_phone, status)
with
-- include: audit/sources/messages
select count(*) over () as found, person as phone, device_id, step_id, status, touched_at as since, array[id] as ids
from messages
where meaning = 'unknown' and status is distinct from 'unknown'
  and coalesce(touched_at, '-infinity') < :'now'::timestamptz - interval '1 hour'
order by touched_at nulls first, id
limit :'examples'::int;
