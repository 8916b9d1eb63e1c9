-- title: a device sent more than its limit within an hour
-- means: In the hour that ends at `to` the device sent `most` messages, `over` more than `limit`: this is what gets it banned.
-- needs: broadcast_messages(id, device_id, status, sent_at)
with
-- include: audit/sources/messages
,
-- include: audit/sources/limits
,
-- include: audit/sources/charges
,
sends as not materialized (
    select m.device_id, m.id, coalesce(c.at, m.sent_at) as sent_at
    from messages m
    left join charges c on c.message_id = m.id
    where m.meaning = 'sent' and coalesce(c.at, m.sent_at) is not null and m.device_id is not null
),
hours as (   -- the sliding hour that ends with each send; a send exactly an hour earlier is out of it
    select device_id, sent_at, count(*) over hour as n, first_value(sent_at) over hour as since
    from sends
    window hour as (partition by device_id order by sent_at
                    range between (interval '1 hour' - interval '1 microsecond') preceding and current row)
),
beyond as (
    select h.*, coalesce(:'limit'::bigint, l.per_hour, 80) as per_hour
    from hours h
    left join limits l on l.device_id = h.device_id
    where h.n > coalesce(:'limit'::bigint, l.per_hour, 80)
),
of_device as (
    select distinct on (device_id) device_id, n, since, sent_at, per_hour, count(*) over (partition by device_id) as sends
    from beyond
    order by device_id, n desc, sent_at
),
worst as (
    select *, count(*) over () as found from of_device order by n - per_hour desc, device_id limit :'examples'::int
)
select w.found, w.device_id, w.per_hour as limit, w.n as most, w.n - w.per_hour as over,
       w.since as from, w.sent_at as to, w.sends as sends_beyond, m.ids
from worst w
left join (
    select x.device_id, (array_agg(x.id order by x.sent_at, x.id))[1:20] as ids
    from (
        select m.device_id, m.id, m.sent_at, row_number() over (partition by m.device_id order by m.sent_at desc, m.id) as place
        from worst w
        join sends m on m.device_id = w.device_id and m.sent_at between w.since and w.sent_at
    ) x
    where x.place <= 20
    group by x.device_id
) m on m.device_id = w.device_id
order by w.n - w.per_hour desc, w.device_id;
