-- A message of the ledger that another writer deleted: nothing disappears in silence (DESIGN 10.5).
insert into seqconsole.findings (kind, key, ids, detail, since, version)
select 'vanished message', d.message_id::text, array[d.message_id],
       jsonb_build_object('phone_key', d.phone_key, 'step_id', d.step_id, 'device_id', d.device_id, 'outcome', d.outcome),
       :'now'::timestamptz, nextval('seqconsole.version')
from unnest(:'ids'::uuid[]) as x(id)
join seqconsole.deliveries d on d.message_id = x.id
where not exists (select 1 from broadcast_messages m where m.id = x.id)
on conflict (kind, key) do nothing;
