-- locks: none on the operator's tables.
-- When a device will have sent `n` messages that stand in its queue, under the limits and holds of now and not before
-- `not_before`: drained_at with what is known of the device. infinity: never; NULL: nothing to send, or no such device.
create function seqconsole.queue_drained(device uuid, n bigint, not_before timestamptz, instant timestamptz)
returns timestamptz
language sql stable parallel safe
set search_path = pg_catalog
as $$
    select seqconsole.drained_at(
               n, greatest(instant, d.slot_at, not_before, h.until), d.ring,
               seqconsole.limit_at(d.send_limit, d.warm_from, d.warm_days, d.warm_limits, instant), d.send_window,
               (d.gap_min + d.gap_max) / 2, d.daily_cap, d.day, d.day_sent, d.quiet_from, d.quiet_to, d.zone)
    from seqconsole.devices d
    left join lateral (
        select max(h.until) as until
        from (values ('all', ''), ('device', d.device_id::text), ('user', d.user_id::text), ('host', d.host)) as k (scope, key)
        join seqconsole.holds h on h.scope = k.scope and h.key = (k.key collate "C") and not h.cold_only
        where h.until > instant
    ) h on true
    where d.device_id = device
$$;

-- A message that a device could send now if nothing held the device: the head of the first lane that has one due, or
-- NULL. A walk over lanes, as in the claim, however much stands in them. Lanes of the sequences in `skip` do not count.
create function seqconsole.due_head(device uuid, instant timestamptz, skip text[]) returns uuid
language sql stable parallel safe
set search_path = pg_catalog
as $$
    with recursive lane (sequence_id) as (
        (select p.sequence_id from seqconsole.progress p
          where p.device_id = device and p.state = 'r'
          order by p.sequence_id limit 1)
        union all
        select (select p.sequence_id from seqconsole.progress p
                 where p.device_id = device and p.state = 'r' and p.sequence_id > lane.sequence_id
                 order by p.sequence_id limit 1)
        from lane
        where lane.sequence_id is not null
    )
    select head.message_id
    from lane
    cross join lateral (
        select p.message_id from seqconsole.progress p
        where p.device_id = device and p.sequence_id = lane.sequence_id and p.state = 'r' and p.at <= instant
          and (p.expires_at is null or p.expires_at > instant)
        order by p.at, p.message_id
        limit 1
    ) head
    where lane.sequence_id is not null and lane.sequence_id::text <> all(skip)
    limit 1
$$;
