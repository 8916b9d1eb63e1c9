-- As recorded.sql, where the message still is pending: an operator's act needs no second look by the engine.
select count(*) over () as total, array[m.id::text] as ids, m.recipient_phone::text as phone,
       f.detail ->> 'why' as detail, null::text as statement
from seqconsole.findings f
join broadcast_messages m on m.id::text = f.key
where f.kind = :'kind' and lower(m.status::text) = 'pending'
order by m.id
limit :'limit'::int;
