-- Messages that another writer put into the queue, or changed: their deliveries. A message without a step is its
-- own step. A second message for a (person, step) that has its delivery stays out of the ledger (a finding).
with message as materialized (
    select m.id, seqconsole.phone_key(m.recipient_phone) as phone_key, m.sequence_id, m.device_id,
           coalesce(m.sequence_stepid, m.id) as step_id,
           coalesce(c.meaning, 'unknown') as state, coalesce(m.sent_at, m.updated_at)::timestamptz as at
    from broadcast_messages m
    left join seqconsole.codes c on c.source = 'foreign' and c.code = lower(m.status::text)
    where m.id = any(:'ids'::uuid[])
),
judged as (
    select m.*,
           case m.state when 'sent' then 's' when 'failed' then 'f' when 'skipped' then 'k' when 'unknown' then 'u'
           end::"char" as outcome
    from message m
    where m.phone_key is not null
      and not exists (   -- a message keeps the delivery it has, whatever its row says now
                       select 1 from seqconsole.deliveries o
                       where o.message_id = m.id and (o.phone_key, o.step_id, o.run) <> (m.phone_key, m.step_id, 1))
)
insert into seqconsole.deliveries as d
    (phone_key, step_id, run, message_id, device_id, outcome, evidence, settled_at)
select distinct on (phone_key, step_id)
       phone_key, step_id, 1, id, device_id, outcome, case when outcome is not null then 'h'::"char" end,
       case when outcome is not null then coalesce(at, :'now'::timestamptz) end
from judged
order by phone_key, step_id,
         case outcome when 's' then 1 when 'u' then 2 else case when outcome is null then 3 else 4 end end, at, id
on conflict (phone_key, step_id, run) do update
set outcome = excluded.outcome, evidence = excluded.evidence, settled_at = excluded.settled_at
where (d.message_id = excluded.message_id or excluded.outcome = 's' and d.outcome is null)
  and d.outcome is distinct from excluded.outcome and d.outcome is distinct from 's'
  and not exists (select 1 from seqconsole.attempts a
                  where a.message_id = d.message_id and (a.outcome is null or a.outcome = 'unknown'));
