-- Messages without a step, sent in the past days.
insert into broadcast_messages (id, user_id, device_id, campaign_id, recipient_phone, content, status, scheduled_at,
                                sent_at, created_at, updated_at)
select md5(:'seed' || ':campaign:' || n)::uuid, pg_temp.user_id((n % 3)::int),
       pg_temp.device_id(n % 3 + 3 * ((n / 3) % :'devices'::int)), 1, '601' || lpad((n % 90000000)::text, 8, '0'),
       'News', 'sent', x.at, x.at, x.at, x.at
from generate_series(1, :'count'::bigint) n,
     lateral (select clock_timestamp() - interval '1 second' * (3600 + n % 600000) as at) x;
