-- The backlog of a scope, or what is parked as overdue: when each message goes, device by device, the longest due
-- first. With an operation it is written, each row with its place in the journal; without, only counted.
-- Backlog is what became due while the operator's own hold stood there, if that was for longer than :'brief' (NULL: all
-- that is due); what was due before keeps its time and goes ahead of it, and what another hold keeps is left alone.
-- :'times' = 1 as fast as the limits let it, 2 at half that; :'length' stretches it evenly; :'mode' 'full' writes
-- the start for all and leaves the pace to the limits.
with due as materialized (
    select p.track, p.phone_key, p.run, p.at, p.due_at, p.gate, p.device_id, p.sequence_id, d.user_id, d.host,
           case :'scope' when 'device' then p.device_id::text when 'sequence' then p.sequence_id::text
                         when 'user' then d.user_id::text when 'host' then d.host else '' end collate "C" as key
    from seqconsole.progress p
    left join seqconsole.devices d on d.device_id = p.device_id
    where p.state in ('r', 'w')
      and case when :'overdue'::boolean then p.gate = 'overdue' and p.at = 'infinity'
               else p.at <= :'now'::timestamptz and (p.state = 'w' or p.gate is distinct from 'device') end
      and case :'scope'
              when 'device' then p.device_id::text = any(:'keys'::text[])
              when 'sequence' then p.sequence_id::text = any(:'keys'::text[])
              when 'user' then d.user_id::text = any(:'keys'::text[])
              when 'host' then d.host = any(:'keys'::text[])
              else :'scope' = 'all'
          end
),
kept as materialized (   -- lanes that something else goes on holding
    select l.device_id, l.sequence_id
    from (select distinct device_id, sequence_id, user_id, host from due where not :'overdue'::boolean) l
    cross join lateral (values ('all', ''), ('user', l.user_id::text), ('host', l.host), ('device', l.device_id::text),
                               ('sequence', l.sequence_id::text)) as v (scope, key)
    join seqconsole.holds h on h.scope = v.scope and h.key = (v.key collate "C") and not h.cold_only
    where h.until > :'start'::timestamptz and (h.scope <> :'scope' or h.holder <> 'operator')
),
free as materialized (   -- waited: it became due while it was held
    select due.*,
           :'overdue'::boolean or :'brief'::interval is null
           or coalesce(h.since <= :'now'::timestamptz - :'brief'::interval and due.at > h.since, false) as waited
    from due
    left join seqconsole.holds h on h.scope = :'scope' and h.key = due.key and h.holder = 'operator'
    where not exists (select 1 from kept k
                       where k.device_id is not distinct from due.device_id and k.sequence_id = due.sequence_id)
),
device as materialized (   -- until_at: when all of it is sent by the limits alone
    select f.device_id, f.ahead, f.n,
           coalesce(greatest(d.send_window / greatest(1, l.most), (d.gap_min + d.gap_max) / 2), interval '45 seconds') as pace,
           seqconsole.drained_at(f.ahead + f.n, greatest(:'start'::timestamptz, d.slot_at), d.ring, l.most, d.send_window,
                                 (d.gap_min + d.gap_max) / 2, d.daily_cap, d.day, d.day_sent, d.quiet_from, d.quiet_to,
                                 d.zone) as until_at
    from (
        select device_id, count(*) filter (where not waited) as ahead, count(*) filter (where waited) as n
        from free
        group by device_id
    ) f
    left join seqconsole.devices d on d.device_id = f.device_id
    left join lateral (select seqconsole.limit_at(d.send_limit, d.warm_from, d.warm_days, d.warm_limits,
                                                  :'now'::timestamptz) as most) l on true
),
plan as materialized (
    select w.track, w.phone_key, w.run, w.at, w.gate, w.key, w.device_id,
           :'start'::timestamptz + d.ahead * d.pace
           + w.nth * greatest(d.pace * :'times'::int, :'length'::interval / d.n) as goes_at,
           case when :'overdue'::boolean   -- parked, and the contact is held besides
                then (select max(h.until) from seqconsole.holds h
                       where h.scope = 'contact' and h.key = w.phone_key and h.until > :'start'::timestamptz
                         and (h.sequences is null or w.sequence_id = any(h.sequences))) end as held_until
    from (
        select free.*, row_number() over (partition by device_id order by due_at, track, phone_key) - 1 as nth
        from free
        where waited
    ) w
    join device d on d.device_id is not distinct from w.device_id
),
paced as (
    update seqconsole.progress p
    set at = greatest(case when :'mode' = 'full' then :'start'::timestamptz else plan.goes_at end, plan.held_until),
        gate = case when plan.held_until = 'infinity' then 'hold'
                    when p.state = 'r' and p.device_id is null then 'device'   -- waits for one, whenever it may go
                    when plan.held_until > plan.goes_at then 'hold'
                    when :'mode' = 'full' then 'countdown' else 'spread' end
    from plan
    where :'operation'::bigint is not null
      and p.track = plan.track and p.phone_key = plan.phone_key and p.run = plan.run and p.state in ('r', 'w')
      and p.at = plan.at
    returning p.track, p.phone_key, p.run, p.at, p.gate
),
written as (
    insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
    select :'operation'::bigint,
           case when :'overdue'::boolean then concat_ws('|', p.track, p.phone_key, p.run) else :'scope' || '|' || plan.key end,
           'seqconsole.progress', concat_ws('|', p.track, p.phone_key, p.run),
           json_build_object('at', plan.at, 'gate', plan.gate), json_build_object('at', p.at, 'gate', p.gate)
    from paced p
    join plan using (track, phone_key, run)
    returning 1
)
select (select count(*) from plan) as n, count(*) filter (where d.n > 0) as devices, coalesce(sum(d.ahead), 0)::bigint as ahead,
       greatest((select max(goes_at) from plan), max(d.until_at)) as last_at,
       max(d.until_at) as full_at,
       (select count(*) from written) as written
from device d;
