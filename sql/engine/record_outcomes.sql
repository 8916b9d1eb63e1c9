-- The fence: an outcome is recorded once, by attempt; only a doubt is ever replaced (DESIGN 4). A late worker's
-- report on an attempt that is settled matches no row. Message and contact row are locked with it and never waited
-- for: where another session holds one of them, nothing of the attempt is recorded yet (still_held).
with report as materialized (
    select u.*, a.message_id, p.contact_id
    from unnest(:'ids'::uuid[], :'claimed_ats'::timestamptz[], :'outcomes'::text[], :'evidences'::text[],
                :'codes'::text[], :'gateway_ids'::text[], :'bodies'::text[], :'retry_ats'::timestamptz[])
         as u(id, claimed_at, outcome, evidence, code, gateway_id, body, retry_at)
    join seqconsole.attempts a on a.claimed_at = u.claimed_at and a.id = u.id
    left join seqconsole.progress p on p.message_id = a.message_id
),
message as materialized (
    select m.id from broadcast_messages m
    where m.id = any(array(select r.message_id from report r))
    order by m.id
    for no key update skip locked
),
contact as materialized (
    select c.id from sequence_contacts c
    where c.id = any(array(select r.contact_id from report r where r.contact_id is not null))
    order by c.id
    for no key update skip locked
),
ours as materialized (
    select r.*
    from report r
    where (r.message_id in (select id from message)
           or not exists (select 1 from broadcast_messages m where m.id = r.message_id))
      and (r.contact_id is null or r.contact_id in (select id from contact)
           or not exists (select 1 from sequence_contacts c where c.id = r.contact_id))
)
update seqconsole.attempts a
set outcome = x.outcome, evidence = x.evidence, code = x.code, gateway_id = coalesce(x.gateway_id, a.gateway_id),
    body = left(x.body, 2000), settled_at = :'now'::timestamptz,
    charge = case when x.outcome = 'never_sent' then null
                  when x.outcome = 'unknown' or a.outcome = 'unknown' then a.charge
                  else least(a.charge, :'now'::timestamptz) end
from ours x, seqconsole.attempts before
where a.claimed_at = x.claimed_at and a.id = x.id
  and before.claimed_at = x.claimed_at and before.id = x.id
  and (a.outcome is null or (a.outcome = 'unknown' and x.outcome <> 'unknown'))
returning a.id, a.claimed_at, a.message_id, a.phone_key, a.device_id, a.outcome, before.charge as old_charge, a.charge,
          before.outcome is not null as was_unknown, x.retry_at;
