-- People who said stop under a name that is no number: nobody can be suppressed, so a person must look at the chat.
insert into seqconsole.findings (kind, key, ids, detail, since, version)
select 'nameless stop', x.reply_id, case when x.device_id is null then '{}' else array[x.device_id] end,
       jsonb_build_object('device', coalesce((select u.device_name::text from user_devices u where u.id = x.device_id), 'not known')),
       :'now'::timestamptz, nextval('seqconsole.version')
from unnest(:'reply_ids'::text[], :'phones'::text[], :'device_ids'::uuid[]) as x(reply_id, phone, device_id)
where seqconsole.phone_key(x.phone) is null
on conflict (kind, key) do nothing
returning key;
