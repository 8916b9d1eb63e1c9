-- Where the ledger knows more than the contact row: what was sent is completed, what is queued is active.
-- One row a person and step only; a duplicate group waits for the operator.
update sequence_contacts c
set status = case when d.outcome = 's' then 'completed' else 'active' end,
    completed_at = case when d.outcome = 's' then coalesce(c.completed_at::timestamptz, d.settled_at)
                        else c.completed_at::timestamptz end
from (select distinct t.track, t.phone_key collate "C" as phone_key
      from unnest(:'tracks'::uuid[], :'phones'::text[]) as t(track, phone_key)
      where t.phone_key is not null) t,
     seqconsole.deliveries d
where c.sequence_id = t.track and seqconsole.phone_key(c.contact_phone) = t.phone_key
  and d.phone_key = t.phone_key and d.step_id = c.sequence_stepid and d.run = 1
  and c.status::text = 'pending'
  and (d.outcome = 's' or d.outcome is null)
  and (select count(*) from sequence_contacts o
        where o.sequence_id = c.sequence_id and seqconsole.phone_key(o.contact_phone) = t.phone_key
          and o.sequence_stepid = c.sequence_stepid) = 1;
