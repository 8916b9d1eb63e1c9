-- The same text queued for one person more than once within an hour, outside of sequences: each copy is sent.
with
message as materialized (
    select r.*, coalesce(
-- include: audit/phone_key
        , btrim(phone)) collate "C" as person
    from (
        select m.id, m.user_id, m.recipient_phone::text as phone, m.scheduled_at::timestamptz as at,
               md5(coalesce(m.content::text, '') || '|' || coalesce(m.media_url::text, '')) as said
        from broadcast_messages m
        join user_devices d on d.id = m.device_id
        where lower(m.status::text) = 'pending' and m.sequence_stepid is null and m.scheduled_at is not null
    ) r
),
beside as (
    select m.*, at - lag(at) over w <= interval '1 hour' or lead(at) over w - at <= interval '1 hour' as repeated
    from message m
    window w as (partition by user_id, person, said order by at, id)
),
copies as (
    select person, count(*) as n, array_agg(id::text order by at, id) as ids, min(at) as first_at
    from beside
    where repeated
    group by user_id, person, said
)
select count(*) over () as total, ids[1 : 20] as ids, person as phone,
       format('%s copies of one text, the first due %s UTC', n, to_char(first_at at time zone 'UTC', 'YYYY-MM-DD HH24:MI'))
           as detail,
       null::text as statement
from copies
order by n desc, ids
limit :'limit'::int;
