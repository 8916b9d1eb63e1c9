-- Contact rows active for over an hour whose message is neither queued nor in doubt: nobody will move them.
with
-- include: doctor/contact
,
-- include: doctor/message
, old as materialized (
    select id, sequence_id, step_id, person, phone, coalesce(started, due) as since
    from contact
    where status = 'active'
      and coalesce(started, due, '-infinity') < :'now'::timestamptz - interval '1 hour'
),
said as (
    select o.id, o.phone, o.since, count(m.id) as messages, coalesce(bool_or(m.status = any(:'sent'::text[])), false) as sent,
           coalesce(bool_or(m.status in ('pending', 'sending', 'unknown') or m.status = any(:'doubtful'::text[])), false) as open
    from old o
    left join message m on m.sequence_id = o.sequence_id and m.step_id = o.step_id and m.person = o.person
    group by o.id, o.phone, o.since
)
select count(*) over () as total, array[id::text] as ids, phone,
       coalesce(format('active since %s UTC', to_char(since at time zone 'UTC', 'YYYY-MM-DD HH24:MI')),
                'nobody wrote since when')
           || case when sent then ', its message was sent' when messages = 0 then ', it has no message'
                   else ', its message has failed or was skipped' end as detail,
       null::text as statement
from said
where not open
order by id
limit :'limit'::int;
