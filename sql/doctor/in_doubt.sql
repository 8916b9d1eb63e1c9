-- Messages of which nobody knows whether they went out.
select count(*) over () as total, array[id::text] as ids, recipient_phone::text as phone,
       coalesce(error_message::text, 'no answer came') as detail, null::text as statement
from broadcast_messages
where lower(status::text) = 'unknown'
order by id
limit :'limit'::int;
