-- Lost devices whose future no other device can take: a finding each, gone when one can or the device is back.
with stranded as (
    select device_id, why from unnest(:'ids'::uuid[], :'whys'::text[]) as x(device_id, why)
),
gone as (
    delete from seqconsole.findings f
    where f.kind = 'stranded' and f.key not in (select device_id::text collate "C" from stranded)
)
insert into seqconsole.findings (kind, key, ids, detail, since, version)
select 'stranded', s.device_id::text, array[s.device_id],
       jsonb_build_object('scope', 'stranded', 'name', coalesce(u.device_name::text, s.device_id::text), 'why', s.why),
       :'now'::timestamptz, nextval('seqconsole.version')
from stranded s
left join user_devices u on u.id = s.device_id
on conflict (kind, key) do update
set detail = excluded.detail, version = excluded.version
where seqconsole.findings.detail is distinct from excluded.detail;
