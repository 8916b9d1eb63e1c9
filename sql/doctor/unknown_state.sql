-- Contact rows and messages in a state that is none of DESIGN 4 and no known one of another application.
with odd as (
    select id, contact_phone::text as phone, 'contact row: ' || coalesce(status::text, 'none') as detail,
           case when status::text ~ '^[a-zA-Z_]+$' then 'seqconsole release --state ' || status::text end as statement
    from sequence_contacts
    where coalesce(lower(status::text), '') not in ('pending', 'active', 'completed', 'failed', 'skipped')
    union all
    select id, recipient_phone::text, 'message: ' || coalesce(status::text, 'none'), null
    from broadcast_messages
    where coalesce(lower(status::text), '') <> 'unknown' and coalesce(lower(status::text), '') <> all(:'known'::text[])
)
select count(*) over () as total, array[id::text] as ids, phone, detail, statement
from odd
order by id
limit :'limit'::int;
