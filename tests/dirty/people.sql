-- People numbered from :'first', each in one of the six sequences, with a device of its user. Steps are a day apart,
-- so what is settled lies in the past as the next one's due time says.
insert into people
select :'grp', n.p, s.nth, pg_temp.sequence_id(s.nth), pg_temp.user_id(s.nth),
       pg_temp.device_id(s.nth % 3 + 3 * ((h.h / 7) % :'devices'::int)),
       '601' || lpad(n.p::text, 8, '0'), 'Aqil ' || n.p,
       coalesce(:'settled'::int, v.settled), coalesce(:'state', v.state),
       clock_timestamp() + case coalesce(:'state', v.state)
           when 'active' then interval '-10 minutes'
           when 'failed' then interval '-2 hours'
           else interval '1 hour' + interval '1 second' * ((h.h / 61) % 79000) end
from generate_series(:'first'::bigint, :'first'::bigint + :'count'::bigint - 1) as n(p),
     lateral (select hashint8extended(n.p, :'seed'::bigint) & 2147483647 as h) h,
     lateral (select (n.p % 6)::int as nth) s,
     lateral (select (h.h % 6)::int as settled,
                     case (h.h / 6) % 10 when 0 then 'active' when 1 then 'failed' else 'pending' end as state) v;
