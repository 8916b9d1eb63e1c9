-- title: a message counts as sent and carries an error
-- means: A failed answer was taken for success (an error page, a 401): it may never have gone out.
-- needs: broadcast_messages(id, recipient_phone, status, error_message)
with
-- include: audit/sources/messages
select count(*) over () as found, person as phone, device_id, step_id, sent_at, left(error, 200) as error, array[id] as ids
from messages
where meaning = 'sent' and error is not null
order by sent_at desc nulls last, id
limit :'examples'::int;
