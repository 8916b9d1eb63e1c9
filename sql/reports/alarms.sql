-- What calls for an operator now: due work that nobody can claim, engines that are slowed down, another sender, and holds
-- that no operator put: of everything, of a host, of a device without an end. An offline device is no alarm.
select 'finding|' || f.kind || '|' || f.key as key, f.kind, f.since,
       coalesce(f.detail ->> 'alarm', concat_ws(': ', nullif(concat_ws(' ', f.detail ->> 'scope', f.detail ->> 'name'), ''),
                                                f.detail ->> 'why'), f.kind) as text
from seqconsole.findings f
where f.kind in ('unclaimable', 'stranded', 'old transaction', 'slow claims', 'another sender', 'vanished message', 'drift')
union all
select 'hold|' || concat_ws('|', h.scope, h.key, h.holder), 'held by ' || h.holder, h.since,
       concat_ws(': ', h.scope || coalesce(' ' || coalesce(u.device_name::text, nullif(h.key, '')), ''), nullif(h.reason, ''))
from seqconsole.holds h
left join user_devices u on h.scope = 'device' and u.id::text = h.key
where h.operation_id is null and h.until > :'now'::timestamptz and not h.cold_only
  and h.holder not in ('operator', 'gateway', 'switch', 'schedule')
  and (h.scope in ('all', 'host', 'user') or h.scope = 'device' and h.until = 'infinity')
order by since, key
limit :'limit'::int;
