-- The queue was emptied at one stroke: what was open, or in doubt, is a finding each; the history is one.
with missing as materialized (
    select d.message_id, d.phone_key, d.step_id, d.device_id, d.outcome
    from seqconsole.deliveries d
    where d.message_id <> '00000000-0000-0000-0000-000000000000'
      and not exists (select 1 from broadcast_messages m where m.id = d.message_id)
),
vanished as (
    insert into seqconsole.findings (kind, key, ids, detail, since, version)
    select 'vanished message', m.message_id::text, array[m.message_id],
           jsonb_build_object('phone_key', m.phone_key, 'step_id', m.step_id, 'device_id', m.device_id, 'outcome', m.outcome),
           :'now'::timestamptz, nextval('seqconsole.version')
    from missing m
    where coalesce(m.outcome, 'u') = 'u'
    on conflict (kind, key) do nothing
)
insert into seqconsole.findings (kind, key, detail, since, version)
select 'emptied queue', '', jsonb_build_object('deliveries', count(*)), :'now'::timestamptz, nextval('seqconsole.version')
from missing
where outcome <> 'u'
having count(*) > 0
on conflict (kind, key) do update
set detail = excluded.detail, since = excluded.since, version = excluded.version;
