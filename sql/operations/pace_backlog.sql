-- The due backlog of a scope, or what is parked as overdue: when each message goes, device by device, the longest due
-- first. With an operation it is written, each row with its place in the journal; without, only counted.
-- :'times' = 1 as fast as the limits let it, 2 at half that; :'length' stretches it evenly; :'mode' 'full' writes
-- the start for all and leaves the pace to the limits.
with due as materialized (
    select p.track, p.phone_key, p.run, p.sequence_id, p.at, p.gate, p.device_id,
           case :'scope' when 'device' then p.device_id::text when 'sequence' then p.sequence_id::text
                         when 'user' then d.user_id::text when 'host' then d.host else '' end as key,
           row_number() over (partition by p.device_id order by p.due_at, p.track, p.phone_key) - 1 as nth,
           count(*) over (partition by p.device_id) as n,
           coalesce(greatest(d.send_window / greatest(1, seqconsole.limit_at(
                        d.send_limit, d.warm_from, d.warm_days, d.warm_limits, :'now'::timestamptz)),
                    (d.gap_min + d.gap_max) / 2), interval '45 seconds') as pace
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
plan as materialized (
    select due.*, :'start'::timestamptz + due.nth * greatest(due.pace * :'times'::int, :'length'::interval / due.n) as goes_at,
           case when :'overdue'::boolean   -- parked, and the contact is held besides
                then (select max(h.until) from seqconsole.holds h
                       where h.scope = 'contact' and h.key = due.phone_key and h.until > :'start'::timestamptz
                         and (h.sequences is null or due.sequence_id = any(h.sequences))) end as held_until
    from due
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
select count(*) as n, count(distinct device_id) as devices,
       count(*) filter (where goes_at < :'start'::timestamptz + interval '1 hour') as first_hour, max(goes_at) as last_at,
       (select count(*) from written) as written
from plan;
