-- Messages that were given up, and a receipt says that they arrived: to send them again would be to send twice.
insert into seqconsole.findings (kind, key, ids, detail, since, version)
select 'delivered after all', a.message_id::text, array[a.message_id],
       jsonb_build_object('phone_key', a.phone_key, 'outcome', a.outcome, 'evidence', a.evidence), :'now'::timestamptz,
       nextval('seqconsole.version')
from seqconsole.attempts a
where a.gateway_id = any(:'gateway_ids'::text[])
  and a.outcome in ('failed', 'never_sent', 'retry') and a.delivered_at is not null
on conflict (kind, key) do nothing;
