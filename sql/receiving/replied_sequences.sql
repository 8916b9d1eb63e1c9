-- What the settings say of these replies: each sequence that has written to the person by the device, and goes on, and
-- shall not go on after a reply. A sequence's own setting counts before the default.
select distinct r.reply_id, r.phone_key, p.track as sequence_id, v.act
from unnest(:'reply_ids'::text[], :'phones'::text[], :'device_ids'::uuid[]) as r(reply_id, phone_key, device_id)
join seqconsole.progress p on p.phone_key = (r.phone_key collate "C") and p.track = p.sequence_id
cross join lateral (
    select coalesce((select s.value #>> '{}' from seqconsole.settings s
                      where s.scope = 'sequence' and s.key = p.sequence_id::text and s.name = 'on_reply'),
                    (select s.value #>> '{}' from seqconsole.settings s
                      where s.scope = 'default' and s.key = '' and s.name = 'on_reply')) as act
) v
where v.act in ('pause', 'end')
  and exists (
      select 1
      from seqconsole.deliveries d
      join sequence_steps s on s.id = d.step_id and s.sequence_id = p.sequence_id
      where d.phone_key = p.phone_key
        and (d.outcome in ('s', 'u')
             or d.outcome is null and exists (select 1 from seqconsole.attempts a where a.message_id = d.message_id))
        and (r.device_id is null or d.device_id is null or d.device_id = r.device_id))
order by r.phone_key, sequence_id, r.reply_id;
