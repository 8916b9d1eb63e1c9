-- Every gate of one thing in the order of DESIGN 6, by the predicates of engine/claim and engine/project_tracks.
-- Exactly one of :'contact', :'message', :'device', :'sequence' is given; no row: there is no such thing.
-- passes NULL: does not apply yet. opens_at NULL: not known, or only an act opens it.
with row as materialized (
    select 'contact' as kind, c.status::text as status, c.sequence_id, c.sequence_id as track,
           seqconsole.phone_key(c.contact_phone) collate "C" as person, c.sequence_stepid as step_id,
           c.assigned_device_id as device_id, seqconsole.contact_state(c.status::text) in ('pending', 'active') as open
    from sequence_contacts c
    where c.id = :'contact'::uuid
    union all
    select 'message', m.status::text, m.sequence_id, case when m.sequence_stepid is null then m.id else m.sequence_id end,
           seqconsole.phone_key(m.recipient_phone) collate "C", coalesce(m.sequence_stepid, m.id), m.device_id,
           m.status::text in ('pending', 'sending')
    from broadcast_messages m
    where m.id = :'message'::uuid
),
subject as materialized (
    select r.kind, r.status, r.open, r.sequence_id, r.person, r.step_id, r.track, coalesce(p.device_id, r.device_id) as device_id,
           p.step_id as open_step, p.state, p.at, p.gate, p.tries, p.attempt_id, p.message_id, p.expires_at,
           p.contact_id
    from row r
    left join seqconsole.progress p on p.track = r.track and p.phone_key = r.person and p.run = 1
    union all
    select 'device', u.status::text, true, null, null, null, null, u.id, null, null, null, null, null, null, null, null, null
    from user_devices u
    where u.id = :'device'::uuid
    union all
    select 'sequence', q.status::text, true, q.id, null, null, null, null, null, null, null, null, null, null, null, null, null
    from sequences q
    where q.id = :'sequence'::uuid
),
device as materialized (
    select u.id, u.device_name::text as name, d.device_id is not null as known, u.user_id, d.host, d.gateway_state, d.slot_at, l.most as send_limit, d.send_window,
           d.failures, d.daily_cap, d.quiet_from, d.quiet_to, d.zone,
           cardinality(d.ring) - width_bucket(:'now'::timestamptz - d.send_window, d.ring) as sent,
           case when cardinality(d.ring) >= l.most and l.most > 0
                then d.ring[cardinality(d.ring) - l.most + 1] + d.send_window end as window_opens,
           case when d.day >= (:'now'::timestamptz at time zone d.zone)::date then d.day_sent else 0 end as today,
           case when d.daily_cap > 0 then (d.day + 1)::timestamp at time zone d.zone end as tomorrow,
           seqconsole.quiet_until(:'now'::timestamptz, d.zone, d.quiet_from, d.quiet_to) as quiet_until,
           seqconsole.throttle_opens(:'now'::timestamptz, d.ring, d.send_limit, d.send_window, d.warm_from, d.warm_days,
                                     d.warm_limits, d.daily_cap, d.day, d.day_sent, d.quiet_from, d.quiet_to, d.zone) as opens_at,
           (select max(p.at) from seqconsole.progress p where p.state = 's' and p.device_id = u.id) as lease_until
    from subject x
    join user_devices u on u.id = x.device_id
    left join seqconsole.devices d on d.device_id = u.id
    left join lateral (select seqconsole.limit_at(d.send_limit, d.warm_from, d.warm_days, d.warm_limits, :'now'::timestamptz)
                              as most) l on true
),
found as materialized (
    select v.place, v.name, h.holder, h.until, h.since, coalesce(h.cold_only, false) as cold_only,
           coalesce(nullif(h.reason, ''), 'held by ' || h.holder) as reason
    from subject x
    left join device d on true,
    lateral (select w.*, x.sequence_id
             from (values (2, 'everything', 'all', ''), (3, 'user', 'user', d.user_id::text), (4, 'host', 'host', d.host),
                          (5, 'device', 'device', d.id::text), (6, 'sequence', 'sequence', x.sequence_id::text),
                          (7, 'contact', 'contact', x.person)) as w (place, name, scope, key)) v
    left join seqconsole.holds h on h.scope = v.scope and h.key = (v.key collate "C") and h.until > :'now'::timestamptz
          and (h.sequences is null or v.sequence_id = any(h.sequences))
    where v.key is not null
),
hold as materialized (   -- a hold of cold contacts is a gate of its own
    select place, name, case when not cold_only then holder end as holder, case when not cold_only then until end as until,
           case when not cold_only then reason end as reason
    from found
),
duplicate as materialized (
    select count(*) as n
    from subject x
    join seqconsole.findings f on f.kind = 'duplicate'
     and (x.kind = 'sequence' and f.key >= (x.sequence_id::text || '|') collate "C"
                              and f.key < (x.sequence_id::text || '}') collate "C"
          or x.person is not null
             and f.key = (x.sequence_id::text || '|' || x.person || '|' || x.step_id::text) collate "C")
),
gate (place, name, passes, value, opens_at) as (
    select 0, 'state', x.open, coalesce(x.status, 'none')
           || case x.state when 'u' then ', in doubt' when 'f' then ', given up' else '' end, null::timestamptz
    from subject x where x.kind in ('contact', 'message')
    union all
    select 1, 'engine', coalesce(seqconsole.setting('engine') = 'on', false),
           coalesce(seqconsole.setting('engine'), 'off'), null
    from subject
    union all
    select h.place, 'hold: ' || h.name, count(h.holder) filter (where h.holder not in ('breaker', 'gateway')) = 0,
           coalesce(string_agg(h.reason, '; ' order by h.until desc) filter (where h.holder not in ('breaker', 'gateway')), 'none'),
           max(h.until) filter (where h.holder not in ('breaker', 'gateway'))
    from hold h group by h.place, h.name
    union all
    select 10, 'duplicate', d.n = 0, case d.n when 0 then 'none' when 1 then 'one group' else d.n || ' groups' end, null
    from subject x, duplicate d where x.kind <> 'device'
    union all
    select 11, 'sequence active', q.is_active is not false
           and coalesce(lower(q.status::text), '') not in ('inactive', 'paused', 'draft', 'archived', 'stopped'),
           coalesce(q.status::text, 'active'), null
    from subject x join sequences q on q.id = x.sequence_id
    union all
    select 12, 'order decided', count(s.id) = count(distinct s.day_number) and count(s.id) > 0,
           count(s.id) || ' steps', null
    from subject x
    join sequences q on q.id = x.sequence_id
    left join sequence_steps s on s.sequence_id = q.id
    group by q.id
    union all
    select 13, 'step order',
           case when x.state is null then false
                else x.open_step is not distinct from x.step_id
                     and coalesce(x.gate, '') not in ('orphan', 'delay', 'active', 'stuck', 'vanished', 'recipient', 'skipped', 'state',
                                                      'failed', 'unknown', 'contact') end,
           case when x.person is null then 'the phone is none'
                when x.state is null then 'no open step'
                when x.open_step is distinct from x.step_id
                    then 'waits for step ' || coalesce((select s.day_number::text from sequence_steps s where s.id = x.open_step), '?')
                else coalesce('gate: ' || x.gate, 'its turn') end, null
    from subject x where x.kind in ('contact', 'message')
    union all
    select 14, 'due time', x.at <= :'now'::timestamptz,
           case when x.at = 'infinity' then 'never, by gate ' || coalesce(x.gate, '?')
                when x.at <= :'now'::timestamptz then 'due'
                else coalesce(nullif(x.gate, 'due'), 'not due yet') end, x.at
    from subject x
    where x.kind in ('contact', 'message') and x.state in ('w', 'r') and x.open_step is not distinct from x.step_id
    union all
    select 15, 'one person', f.at <= :'now'::timestamptz,
           case when f.at <= :'now'::timestamptz then 'none in the last ' || f.gap else 'one in ' || f.gap || ' is enough' end, f.at
    from subject x
    cross join lateral (select seqconsole.person_gap() as gap) g
    cross join lateral (
        select g.gap, seqconsole.person_free_at(x.person, coalesce(x.message_id, '00000000-0000-0000-0000-000000000000'), g.gap,
                                                interval '150 seconds', :'now'::timestamptz) as at) f
    where x.kind in ('contact', 'message') and x.state in ('w', 'r') and g.gap is not null
    union all
    select 16, 'validity', x.expires_at > :'now'::timestamptz,
           case when x.expires_at > :'now'::timestamptz then 'valid' else 'over: it will be skipped' end, null
    from subject x where x.kind in ('contact', 'message') and x.state in ('w', 'r') and x.expires_at is not null
    union all
    select 17, 'cold contacts',
           count(*) filter (where f.cold_only) = 0
           or bool_or((select 1 from seqconsole.deliveries l
                        where l.phone_key = x.person and l.device_id = x.device_id and l.outcome = 's' limit 1) is not null),
           coalesce(string_agg(f.reason, '; ') filter (where f.cold_only), 'no hold'), max(f.until) filter (where f.cold_only)
    from subject x join found f on true
    where x.kind in ('contact', 'message') and x.state in ('w', 'r')
    having count(*) filter (where f.cold_only) > 0
    union all
    select 18, 'text', said.problem is null, coalesce(said.problem, 'complete'), null
    from subject x
    cross join lateral (
        select m.content::text as content, m.recipient_name::text as name
        from broadcast_messages m where m.id = x.message_id
        union all
        select coalesce(s.content, s.caption)::text, c.contact_name::text
        from sequence_steps s join sequence_contacts c on c.id = x.contact_id
        where x.message_id is null and s.id = x.open_step
    ) t
    cross join lateral seqconsole.render(t.content, x.sequence_id, x.person, t.name) said
    where x.kind in ('contact', 'message') and x.state in ('w', 'r') and x.open_step is not distinct from x.step_id
      and said.problem is not null
    union all
    select 20, 'device assigned',
           case when x.state = 'w' and x.device_id is null and x.gate is distinct from 'device' then null else coalesce(d.known, false) end,
           coalesce(case when d.known then d.name || coalesce(', moved here by operation ' || (
                        select max(r.operation_id) from seqconsole.operation_rows r
                        join seqconsole.operations o on o.id = r.operation_id and o.verb = 'reassign' and o.undone_by is null
                        where r.rel = 'seqconsole.progress' and r.row_id = concat_ws('|', x.track, x.person, 1)
                          and r.after ->> 'device_id' = d.id::text), '') else d.name || ': not known to the engine yet' end,
                    case when x.device_id is not null then 'it does not exist'
                                 when x.state = 'w' and x.gate = 'device' then 'no device of its user can take it'
                                 when x.state = 'w' then 'chosen when it is queued' else 'none' end), null
    from subject x left join device d on true
    where x.kind in ('contact', 'message')
    union all
    select 21, 'online', bool_and(h.holder is distinct from 'gateway'),
           coalesce(max(h.reason) filter (where h.holder = 'gateway'), max(d.gateway_state), 'not known yet')
           || coalesce('; other devices take over at '
                       || to_char(min(f.since) + seqconsole.as_interval(seqconsole.limit_setting(d.id, d.user_id, 'failover_after')),
                                  'YYYY-MM-DD HH24:MI'), ''),
           max(h.until) filter (where h.holder = 'gateway')
    from device d
    left join hold h on h.holder = 'gateway'
    left join found f on f.holder = 'gateway' and f.name = 'device' and f.until = 'infinity'
    group by d.id, d.user_id
    union all
    select 22, 'breaker', bool_and(h.holder is distinct from 'breaker'),
           coalesce(max(h.reason) filter (where h.holder = 'breaker'), coalesce(max(d.failures), 0) || ' failures in a row'),
           max(h.until) filter (where h.holder = 'breaker')
    from device d left join hold h on h.holder = 'breaker' group by d.id
    union all
    select 30, 'gap', case when d.lease_until is null then d.slot_at <= greatest(:'now'::timestamptz, d.opens_at) end,
           case when d.slot_at is null then 'not known yet' else 'next slot' end, d.slot_at
    from device d
    union all
    select 31, 'window', d.sent < d.send_limit, d.sent || '/' || d.send_limit || ' in ' || d.send_window, d.window_opens
    from device d
    union all
    select 31, 'daily cap', d.today < d.daily_cap, d.today || '/' || d.daily_cap || ' today in ' || d.zone, d.tomorrow
    from device d where d.daily_cap is not null
    union all
    select 31, 'quiet hours', d.quiet_until is null,
           to_char(d.quiet_from, 'HH24:MI') || '-' || to_char(d.quiet_to, 'HH24:MI') || ' in ' || d.zone, d.quiet_until
    from device d where d.quiet_from is not null
    union all
    select 32, 'lease', d.lease_until is null, case when d.lease_until is null then 'nothing in flight' else 'one in flight' end,
           greatest(d.lease_until, d.slot_at)
    from device d
    union all
    select 33, 'retry wait', not (x.tries > 0 and x.at > :'now'::timestamptz), coalesce(x.tries, 0) || ' tries before',
           case when x.tries > 0 then x.at end
    from subject x where x.kind in ('contact', 'message') and x.state in ('w', 'r')
    union all
    select 34, 'queue', due.n > 0, case when due.n >= 1000 then '1000 or more due' else due.n || ' due' end,
           (select min(p.at) from seqconsole.progress p where p.device_id = d.id and p.state = 'r' and p.at > :'now'::timestamptz)
    from subject x
    join device d on true
    cross join lateral (
        select count(*) as n
        from (select 1 from seqconsole.progress p
               where p.device_id = d.id and p.state = 'r' and p.at <= :'now'::timestamptz limit 1000) one
    ) due
    where x.kind = 'device'
)
select g.name, shown.passes, g.value,
       case when shown.passes then null when g.opens_at between '0002-01-01' and '9998-12-31' then g.opens_at end as opens_at
from gate g
cross join lateral (   -- a due time that another gate moved is that gate's matter, while it is shut
    select case when g.name = 'due time' and not g.passes and exists (
                    select 1
                    from gate o, subject x
                    where o.passes is false
                      and (o.name = 'retry wait'
                           or o.name = case x.gate when 'frequency' then 'one person' when 'cold' then 'cold contacts'
                                                   when 'hold' then 'hold: contact' when 'duplicate' then 'duplicate'
                                                   when 'order' then 'order decided' when 'inactive' then 'sequence active'
                                                   when 'device' then 'device assigned' when 'text' then 'text' end))
                then null else g.passes end as passes
) shown
order by g.place, g.name;
