-- DESIGN 10.5: every delivery has its message, in a state that agrees; what vanished is a finding.
select d.phone_key, d.step_id, d.run, d.message_id, d.outcome, m.status
from seqconsole.deliveries d
left join broadcast_messages m on m.id = d.message_id
where d.message_id <> '00000000-0000-0000-0000-000000000000'
  and (m.id is null
           and not exists (select 1 from seqconsole.findings f
                           where f.kind = 'vanished message' and f.key = d.message_id::text
                              or f.kind = 'emptied queue' and d.outcome <> 'u' and d.settled_at <= f.since)
           and not exists (select 1 from seqconsole.changes c where d.message_id = any(c.ids))
       or (m.id is not null and d.evidence is distinct from 'h'
           and m.status::text is distinct from
               case d.outcome when 's' then 'sent' when 'f' then 'failed' when 'u' then 'unknown' when 'k' then 'skipped'
                              else case when m.status::text in ('pending', 'sending') then m.status::text end end));
