-- Pending messages that nobody will ever send, with the reason (DESIGN: a contact silently never sent).
with message as materialized (
    select m.id, m.sequence_id, m.sequence_stepid as step_id, seqconsole.phone_key(m.recipient_phone) as phone_key
    from broadcast_messages m
    where m.id = any(:'ids'::uuid[]) and lower(m.status::text) = 'pending'
      and not exists (select 1 from seqconsole.progress p where p.message_id = m.id)
      and not exists (   -- of a later step, and has its delivery: its turn comes
          select 1
          from seqconsole.deliveries d
          join sequence_steps mine on mine.id = d.step_id
          join seqconsole.progress p on p.track = mine.sequence_id and p.phone_key = d.phone_key and p.run = d.run
          join sequence_steps turn on turn.id = p.step_id and turn.day_number < mine.day_number
          where d.message_id = m.id and d.outcome is null and d.step_id = m.sequence_stepid
            and d.phone_key = (seqconsole.phone_key(m.recipient_phone) collate "C"))
),
gone as (
    delete from seqconsole.findings f
    using unnest(:'ids'::uuid[]) as x(id)
    where f.kind = 'unsendable message' and f.key = x.id::text
      and f.key not in (select id::text from message)
)
insert into seqconsole.findings (kind, key, ids, detail, since, version)
select 'unsendable message', m.id::text, array[m.id],
       jsonb_build_object('why', case
           when m.phone_key is null then 'the recipient is no phone number'
           when d.message_id is not null and d.message_id <> m.id then 'this person has this step already'
           when d.outcome is not null then 'its delivery is settled'
           when m.step_id is null and exists (select 1 from seqconsole.deliveries o where o.message_id = m.id and o.step_id <> m.id)
               then 'its step was taken from it'
           when m.step_id is not null and m.sequence_id is null then 'a step without its sequence'
           when m.step_id is not null and not exists (select 1 from sequence_steps s
                    where s.id = m.step_id and s.sequence_id = m.sequence_id) then 'a step that its sequence has not'
           when d.message_id is null then 'its row was changed after it was queued'
           else 'its contact is at another step' end),
       :'now'::timestamptz, nextval('seqconsole.version')
from message m
left join seqconsole.deliveries d on d.phone_key = (m.phone_key collate "C") and d.step_id = coalesce(m.step_id, m.id) and d.run = 1
on conflict (kind, key) do update
set detail = excluded.detail, version = excluded.version
where seqconsole.findings.detail is distinct from excluded.detail;
