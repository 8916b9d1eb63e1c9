-- Due but claimable by nobody (DESIGN 5): work whose time has come, behind a gate of its device that nothing opens by
-- itself. One finding a gate, not a message; it goes when the gate opens or nothing is due behind it. Silent while the
-- engine is off, and behind an operator's own pause: those are known. Cost: devices and holds, not messages.
with at_work as materialized (
    select coalesce(seqconsole.setting('engine') = 'on', false) as yes
),
endless as materialized (
    select h.scope, h.key, h.holder, coalesce(nullif(h.reason, ''), 'held by ' || h.holder) as reason
    from seqconsole.holds h
    where h.until = 'infinity' and not h.cold_only and h.scope <> 'contact'
),
own as materialized (   -- what an operator paused without an end
    select scope, key from endless where holder = 'operator'
),
known as materialized (
    select array(select key::text from own where scope = 'sequence') as sequences
),
nowhere as materialized (   -- work that no device has
    select p.state, p.message_id, p.contact_id, p.sequence_id, p.due_at
    from known k
    cross join lateral (
        select p.* from seqconsole.progress p
        where p.gate = 'device' and p.sequence_id::text <> all(k.sequences)
        limit 5000
    ) p
    where (select yes from at_work) and (select 1 from own where scope = 'all' limit 1) is null
),
device as materialized (
    select u.id as device_id, u.user_id, d.host, coalesce(u.device_name::text, u.id::text) as name, d.device_id is not null as known,
           coalesce(d.slot_at = 'infinity' or d.daily_cap = 0
                    or d.send_limit = 0
                    or d.warm_limits <> '{}'
                       and seqconsole.limit_at(d.send_limit, d.warm_from, d.warm_days, d.warm_limits, :'now'::timestamptz) <= 0,
                    false) as nothing_allowed
    from user_devices u
    left join seqconsole.devices d on d.device_id = u.id
    where (select yes from at_work)
      and (select 1 from own where scope = 'all' limit 1) is null
      and (u.id::text collate "C") not in (select key from own where scope = 'device')
      and (coalesce(u.user_id::text, '') collate "C") not in (select key from own where scope = 'user')
      and (coalesce(d.host, '') collate "C") not in (select key from own where scope = 'host')
),
shut as (   -- gates of devices
    select e.scope || '|' || e.key || '|' || e.holder as key, d.device_id, d.name, e.scope, e.holder, e.reason
    from endless e join device d on e.scope = 'device' and e.key = (d.device_id::text collate "C")
    where e.holder <> 'operator'
    union all
    select e.scope || '|' || e.key || '|' || e.holder, d.device_id, e.key, e.scope, e.holder, e.reason
    from endless e join device d on e.scope = 'host' and e.key = (d.host collate "C")
    where e.holder <> 'operator'
    union all
    select e.scope || '|' || e.key || '|' || e.holder, d.device_id, e.key, e.scope, e.holder, e.reason
    from endless e join device d on e.scope = 'user' and e.key = (d.user_id::text collate "C")
    where e.holder <> 'operator'
    union all
    select e.scope || '||' || e.holder, d.device_id, 'everything', e.scope, e.holder, e.reason
    from endless e join device d on e.scope = 'all'
    where e.holder <> 'operator'
    union all
    select 'limit|' || d.device_id, d.device_id, d.name, 'limit', null, 'its limit or its daily cap is 0'
    from device d
    where d.nothing_allowed
    union all
    select 'throttle|' || d.device_id, d.device_id, d.name, 'throttle', null, 'the engine does not know it yet'
    from device d
    where not d.known
),
behind as (   -- something due stands behind them
    select s.key, s.scope, s.holder, s.reason, min(s.name) as name, count(*) as devices, (array_agg(due.head order by due.head))[1:20] as ids
    from shut s
    cross join known k
    cross join lateral (select seqconsole.due_head(s.device_id, :'now'::timestamptz, k.sequences) as head) due
    where due.head is not null
    group by s.key, s.scope, s.holder, s.reason
    union all   -- a sequence that is held: its lanes
    select 'sequence|' || e.key || '|' || e.holder, 'sequence', e.holder, e.reason, max(q.name::text), count(*),
           (array_agg(p.message_id order by p.message_id))[1:20]
    from endless e
    join sequences q on (q.id::text collate "C") = e.key
    cross join device d
    cross join lateral (
        select p.message_id from seqconsole.progress p
        where p.device_id = d.device_id and p.sequence_id = q.id and p.state = 'r' and p.at <= :'now'::timestamptz
        limit 1
    ) p
    where e.scope = 'sequence' and e.holder <> 'operator' and e.key not in (select key from own where scope = 'sequence')
    group by e.key, e.holder, e.reason
    union all   -- contacts whom their device may not write to first
    select 'cold|' || d.device_id, 'cold', null, 'new contacts are held without an end', min(d.name), 1,
           (array_agg(c.message_id order by c.message_id))[1:20]
    from known k
    cross join lateral (
        select p.device_id, p.message_id from seqconsole.progress p
        where p.gate = 'cold' and p.at = 'infinity' and p.sequence_id::text <> all(k.sequences)
        limit 1000
    ) c
    join device d on d.device_id = c.device_id
    group by d.device_id
    union all   -- queued for no device, or for one that is gone
    select 'gone|' || coalesce(m.device_id::text, ''), 'gone', null,
           case when m.device_id is null then 'queued without a device' else 'its device is gone' end,
           coalesce(m.device_id::text, 'no device'), 1, (array_agg(m.id order by m.id))[1:20]
    from nowhere w
    join broadcast_messages m on m.id = w.message_id
    where w.state = 'r' and (w.due_at is null or w.due_at <= :'now'::timestamptz)
    group by m.device_id
    union all   -- due, and no device of its user can take it
    select 'homeless|' || coalesce(w.user_id::text, ''), 'homeless', null, 'no device of its user can take it',
           coalesce(w.user_id::text, 'no user'), 1, (array_agg(w.contact_id order by w.contact_id))[1:20]
    from (
        select coalesce(c.user_id, q.user_id) as user_id, p.contact_id
        from nowhere p
        join sequence_contacts c on c.id = p.contact_id
        join sequences q on q.id = p.sequence_id
        where p.state = 'w'
    ) w
    where not exists (   -- but for the operator's own pause one of them could
          select 1 from seqconsole.devices d
          join user_devices u on u.id = d.device_id
          where d.user_id = w.user_id and d.slot_at < 'infinity'
            and not exists (select 1 from endless e
                             where e.holder <> 'operator'
                               and (e.scope = 'device' and e.key = (d.device_id::text collate "C")
                                    or e.scope = 'host' and e.key = (d.host collate "C"))))
    group by w.user_id
    union all   -- what the operator's tables refuse to change; whoever set it aside has recorded why
    select 'refused|' || p.sequence_id || '|' || p.state::text, case p.state when 'w' then 'refused step' else 'refused' end,
           null, 'the tables refuse to change it', coalesce(max(q.name::text), ''), 1, (array_agg(p.id order by p.id))[1:20]
    from (select p.sequence_id, p.state, case p.state when 'w' then p.contact_id else p.message_id end as id
          from seqconsole.progress p
          where (select yes from at_work) and p.gate = 'refused'
          limit 5000) p
    left join sequences q on q.id = p.sequence_id
    group by p.sequence_id, p.state
),
gone as (
    delete from seqconsole.findings f
    where f.kind = 'unclaimable' and f.key not in (select key collate "C" from behind)
    returning 1
),
raised as (
    insert into seqconsole.findings (kind, key, ids, detail, since, version)
    select 'unclaimable', b.key, b.ids,
           jsonb_build_object('scope', b.scope, 'name', b.name, 'holder', b.holder, 'why', b.reason),
           :'now'::timestamptz, nextval('seqconsole.version')
    from behind b
    where (b.key collate "C") not in (select f.key from seqconsole.findings f where f.kind = 'unclaimable')
    order by b.key
    on conflict (kind, key) do nothing
    returning 1
)
select (select count(*) from raised) + (select count(*) from gone);
