-- Attempts in doubt that these receipts prove to have been taken by the gateway: by the gateway's id, by our own
-- reference that came back, or (:'by_person', two minutes after the receipt came, when the gateway has told what was
-- written by hand) because it is the only unexplained message of this device to this person since the claim.
with receipt as materialized (
    select r.*
    from seqconsole.receipts r
    where r.gateway_id = any(:'gateway_ids'::text[]) and r.kind <> 'o'
),
found as (
    select r.gateway_id, a.id, a.claimed_at, 'receipt' as code
    from receipt r
    cross join lateral (
        select x.*, count(*) over () as n, count(*) filter (where x.phone_key = r.phone_key) over () as of_person
        from seqconsole.attempts x
        where x.gateway_id = r.gateway_id
    ) a
    where a.outcome = 'unknown' and (a.n = 1 or a.of_person = 1 and a.phone_key = r.phone_key)
    union
    select r.gateway_id, a.id, a.claimed_at, 'receipt'
    from receipt r
    join seqconsole.progress p on p.state = 'u' and p.attempt_id = r.attempt_id
    join seqconsole.attempts a on a.claimed_at = p.claimed_at and a.id = p.attempt_id and a.outcome = 'unknown'
    union
    select r.gateway_id, a.id, a.claimed_at, 'receipt_of_person'
    from receipt r
    join seqconsole.progress p on p.state = 'u' and p.device_id = r.device_id and p.phone_key = r.phone_key
    join seqconsole.attempts a
      on a.claimed_at = p.claimed_at and a.id = p.attempt_id and a.outcome = 'unknown' and a.gateway_id is null
    where :'by_person'::boolean
      and r.kind in ('a', 'd', 'r') and r.seen_at <= :'now'::timestamptz - interval '2 minutes'
      and r.at between a.claimed_at - interval '5 seconds' and a.lease_until + interval '10 minutes'
      and (select count(*) from seqconsole.progress o
            where o.state = 'u' and o.device_id = p.device_id and o.phone_key = p.phone_key) = 1
      and not exists (select 1 from seqconsole.attempts o where o.gateway_id = r.gateway_id)
      and not exists (   -- another message that nobody of us wrote, or this one was written by hand
          select 1 from seqconsole.receipts o
          where o.phone_key = r.phone_key and o.device_id = r.device_id
            and (o.gateway_id = r.gateway_id and o.kind = 'o'
                 or o.gateway_id <> r.gateway_id
                    and o.at between a.claimed_at - interval '5 seconds' and a.lease_until + interval '10 minutes'
                    and not exists (select 1 from seqconsole.receipts h where h.gateway_id = o.gateway_id and h.kind = 'o')
                    and not exists (select 1 from seqconsole.attempts t where t.gateway_id = o.gateway_id)))
)
select distinct on (id) id, claimed_at, gateway_id, code
from found
order by id, code, gateway_id;
