-- Devices that are provably lost for longer than their failover_after, and still have a future: offline by their
-- gateway's last word, no older than ten minutes, or stopped without an end. Not where an operator holds the device, or
-- took such a move back since: he is at it.
select d.device_id, coalesce(u.device_name::text, d.device_id::text) as name, h.since, l.after,
       coalesce(nullif(h.reason, ''), 'held by ' || h.holder) as reason
from seqconsole.holds h
join seqconsole.devices d on d.device_id::text = h.key
join user_devices u on u.id = d.device_id
cross join lateral (
    select seqconsole.as_interval(seqconsole.limit_setting(d.device_id, u.user_id, 'failover_after')) as after
) l
where h.scope = 'device' and h.until = 'infinity' and not h.cold_only
  and (h.holder = 'breaker'
       or h.holder = 'gateway' and d.gateway_state <> 'online' and d.proven_at > :'now'::timestamptz - interval '10 minutes')
  and h.since <= :'now'::timestamptz - l.after and l.after > interval '0'
  and seqconsole.setting('engine') = 'on'
  and ((select 1 from seqconsole.progress p where p.device_id = d.device_id and p.state = 'w' limit 1) is not null
       or (select 1 from seqconsole.progress p where p.device_id = d.device_id and p.state = 'r' limit 1) is not null)
  and not exists (
      select 1 from seqconsole.holds o
      where o.holder = 'operator' and o.until > :'now'::timestamptz
        and (o.scope = 'all' or o.scope = 'device' and o.key = h.key or o.scope = 'user' and o.key = u.user_id::text))
  and not exists (
      select 1 from seqconsole.operations o
      join seqconsole.operations z on z.undoes = o.id
      where o.who = 'engine' and o.verb = 'reassign' and o.at >= h.since and o.target -> 'keys' ->> 0 = h.key)
order by h.since, d.device_id
limit :'limit'::int;
