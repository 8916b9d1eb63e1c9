-- The fence: an outcome is recorded once, by attempt; only a doubt is ever replaced (DESIGN 4). A late worker's
-- report on an attempt that is settled matches no row.
update seqconsole.attempts a
set outcome = x.outcome, evidence = x.evidence, code = x.code, gateway_id = coalesce(x.gateway_id, a.gateway_id),
    body = left(x.body, 2000), settled_at = :'now'::timestamptz,
    charge = case when x.outcome = 'never_sent' then null
                  when x.outcome = 'unknown' or a.outcome = 'unknown' then a.charge
                  else least(a.charge, :'now'::timestamptz) end
from (select id, claimed_at, outcome, evidence, code, gateway_id, body, retry_at
      from unnest(:'ids'::uuid[], :'claimed_ats'::timestamptz[], :'outcomes'::text[], :'evidences'::text[],
                  :'codes'::text[], :'gateway_ids'::text[], :'bodies'::text[], :'retry_ats'::timestamptz[])
           as u(id, claimed_at, outcome, evidence, code, gateway_id, body, retry_at)) x,
     seqconsole.attempts before
where a.claimed_at = x.claimed_at and a.id = x.id
  and before.claimed_at = x.claimed_at and before.id = x.id
  and (a.outcome is null or (a.outcome = 'unknown' and x.outcome <> 'unknown'))
returning a.id, a.claimed_at, a.message_id, a.phone_key, a.device_id, a.outcome, before.charge as old_charge, a.charge,
          before.outcome is not null as was_unknown, x.retry_at;
