-- Due steps become messages: ledger, queue, contact row and progress in one statement (DESIGN 5.1).
-- Any number at once stays exactly-once: the ledger's key decides. The longest due is sent first in its lane.
-- Rows not scheduled are returned to be judged anew.
-- Where more is due than fits, each device gets its share, so that a bulk of one device lets the others' steps through.
with crowded as materialized (
    select :'fair'::bool and count(*) > :'limit'::int as yes
    from (select 1 from seqconsole.progress p where p.state = 'w' and p.at <= :'now'::timestamptz
          limit :'limit'::int + 1) x
),
lane as materialized (   -- devices with due steps: a walk over the index, one step a device
    with recursive walk (device_id) as (
        (select p.device_id from seqconsole.progress p
          where (select yes from crowded) and p.state = 'w' and p.device_id is not null
          order by p.device_id limit 1)
        union all
        select (select p.device_id from seqconsole.progress p
                 where p.state = 'w' and p.device_id > walk.device_id
                 order by p.device_id limit 1)
        from walk
        where walk.device_id is not null
    )
    select walk.device_id
    from walk
    where walk.device_id is not null
      and (select p.at from seqconsole.progress p
            where p.state = 'w' and p.device_id = walk.device_id
            order by p.at limit 1) <= :'now'::timestamptz
),
share as materialized (   -- small where few devices are due: who waits behind this batch waits shortly
    select greatest(1, least(200, :'limit'::int / (count(*) + 1))) as n from lane
),
oldest as materialized (
    select p.track, p.phone_key, p.run, p.sequence_id, p.step_id, p.contact_id, p.device_id, p.at
    from seqconsole.progress p
    where p.state = 'w' and p.at <= :'now'::timestamptz
      and seqconsole.setting('engine') = 'on' and not (select yes from crowded)
    order by p.at
    limit :'limit'::int
    for update skip locked
),
of_devices as materialized (
    select one.*
    from lane
    cross join lateral (
        select p.track, p.phone_key, p.run, p.sequence_id, p.step_id, p.contact_id, p.device_id, p.at
        from seqconsole.progress p
        where p.state = 'w' and p.device_id = lane.device_id and p.at <= :'now'::timestamptz
        order by p.at
        limit (select n from share)
        for update skip locked
    ) one
    where seqconsole.setting('engine') = 'on'
),
homeless_due as materialized (
    select p.track, p.phone_key, p.run, p.sequence_id, p.step_id, p.contact_id, p.device_id, p.at
    from seqconsole.progress p
    where (select yes from crowded) and p.state = 'w' and p.device_id is null and p.at <= :'now'::timestamptz
      and seqconsole.setting('engine') = 'on'
    order by p.at
    limit (select n from share)
    for update skip locked
),
due as materialized (
    select x.*, gen_random_uuid() as message_id
    from (select * from oldest union all select * from of_devices union all select * from homeless_due
          order by at limit :'limit'::int) x
),
contact as materialized (
    select c.id, c.contact_phone, c.contact_name, c.assigned_device_id, coalesce(c.user_id, q.user_id) as user_id
    from due
    join sequence_contacts c on c.id = due.contact_id
    join sequences q on q.id = due.sequence_id
    join sequence_steps s on s.id = due.step_id and s.sequence_id = due.sequence_id
    where lower(c.status::text) = 'pending'   -- and still the row of this person and step, whether the feed was read or not
      and c.sequence_id = due.sequence_id and c.sequence_stepid = due.step_id
      and seqconsole.phone_key(c.contact_phone) = due.phone_key
    for update of c skip locked
),
homeless as (
    select due.contact_id, contact.user_id, row_number() over (partition by contact.user_id order by due.contact_id) as nth
    from due
    join contact on contact.id = due.contact_id
    where due.device_id is null
),
home as materialized (   -- the same user's devices: each free slot to come, the earliest first
    select x.user_id, x.device_id, row_number() over (partition by x.user_id order by x.free_at, x.device_id) as nth
    from (
        select d.device_id, d.user_id,
               greatest(d.slot_at, :'now'::timestamptz, d.held_until) + (d.queued + k) * d.pace as free_at
        from (
            select d.device_id, d.user_id, d.slot_at, w.n, count(*) over (partition by d.user_id) as devices, h.until as held_until,
                   coalesce(n.n, 0) as queued,
                   greatest(d.send_window / greatest(1, seqconsole.limit_at(
                                d.send_limit, d.warm_from, d.warm_days, d.warm_limits, :'now'::timestamptz)),
                            (d.gap_min + d.gap_max) / 2) as pace
            from (select user_id, count(*) as n from homeless group by user_id) w
            join seqconsole.devices d on d.user_id = w.user_id
            join user_devices u on u.id = d.device_id
            left join seqconsole.counters n on n.scope = 'device' and n.key = d.device_id and n.state = 'pending'
            left join lateral (
                select max(h.until) as until
                from (values ('device', d.device_id::text), ('host', d.host)) as v (scope, key)
                join seqconsole.holds h on h.scope = v.scope and h.key = (v.key collate "C") and not h.cold_only
                where h.until > :'now'::timestamptz
            ) h on true
            where d.slot_at < 'infinity' and (h.until is null or h.until < 'infinity')
        ) d
        cross join lateral generate_series(0, least(d.n - 1, 4 * ((d.n + d.devices - 1) / d.devices))) as k
    ) x
),
homed as materialized (   -- for itself: inside the next, a plan without statistics would join it anew for each row
    select homeless.contact_id, home.device_id
    from homeless
    join home on home.user_id = homeless.user_id and home.nth = homeless.nth
),
placed as materialized (   -- problem: what the text lacks; it is never sent with a hole or with braces
    select due.*, contact.contact_phone, contact.contact_name, contact.user_id,
           coalesce(due.device_id, homed.device_id) as home_device, said.text, said.problem
    from due
    join contact on contact.id = due.contact_id
    left join sequence_steps s on s.id = due.step_id
    cross join lateral seqconsole.render(coalesce(s.content, s.caption)::text, due.sequence_id, due.phone_key,
                                         contact.contact_name::text) said
    left join homed on homed.contact_id = due.contact_id
),
ledger as (
    insert into seqconsole.deliveries (phone_key, step_id, run, message_id, contact_id, device_id)
    select phone_key, step_id, run, message_id, contact_id, home_device
    from placed
    where home_device is not null and problem is null
    on conflict (phone_key, step_id, run) do nothing
    returning message_id
),
won as materialized (
    select placed.* from placed join ledger using (message_id)
),
queued as (
    insert into broadcast_messages
        (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, recipient_name, message_type, content,
         media_url, status, scheduled_at, created_at, updated_at)
    select w.message_id, w.user_id, w.home_device, w.sequence_id, w.step_id, w.phone_key, w.contact_name,
           coalesce(s.message_type, 'text'), w.text, s.media_url, 'pending', w.at, :'now'::timestamptz, :'now'::timestamptz
    from won w
    join sequence_steps s on s.id = w.step_id
    returning id
),
activated as (
    update sequence_contacts c
    set status = 'active',
        assigned_device_id = coalesce((select u.id from user_devices u where u.id = c.assigned_device_id), w.home_device)
    from won w
    where c.id = w.contact_id
    returning c.id
),
ready as (
    update seqconsole.progress p
    set state = 'r', message_id = w.message_id, device_id = w.home_device, at = w.at, gate = null
    from won w
    where p.track = w.track and p.phone_key = w.phone_key and p.run = w.run
    returning p.track
),
nowhere as (   -- nobody can send it now, or its text is not complete: say so, and look again later
    update seqconsole.progress p
    set at = :'now'::timestamptz + case when x.problem is null then interval '1 minute' else interval '1 hour' end,
        gate = case when x.problem is null then 'device' else 'text' end
    from placed x
    where (x.home_device is null or x.problem is not null) and p.track = x.track and p.phone_key = x.phone_key and p.run = x.run
    returning p.track
)
select due.track, due.phone_key, due.message_id in (select message_id from won) as scheduled,
       coalesce((placed.home_device is null or placed.problem is not null) and placed.track is not null, false) as set_aside
from due
left join placed using (message_id);
