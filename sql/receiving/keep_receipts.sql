-- Receipts as they came, each once; of several that say the same the earliest counts.
insert into seqconsole.receipts as r (gateway_id, kind, at, seen_at, look_at, device_id, phone_key, attempt_id, code)
select distinct on (x.gateway_id, x.kind) x.gateway_id, x.kind::"char", least(x.at, :'now'::timestamptz), :'now'::timestamptz,
       :'now'::timestamptz, x.device_id, seqconsole.phone_key(x.phone), x.attempt_id, x.code
from unnest(:'gateway_ids'::text[], :'kinds'::text[], :'ats'::timestamptz[], :'device_ids'::uuid[], :'phones'::text[],
            :'attempt_ids'::uuid[], :'codes'::text[])
     as x(gateway_id, kind, at, device_id, phone, attempt_id, code)
order by x.gateway_id, x.kind, least(x.at, :'now'::timestamptz), x.code
on conflict (gateway_id, kind) do update
set at = least(r.at, excluded.at), code = least(r.code, excluded.code)
where excluded.at < r.at or least(r.code, excluded.code) is distinct from r.code;
