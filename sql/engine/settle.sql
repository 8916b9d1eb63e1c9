-- What follows from the outcomes just recorded: message, ledger, contact row, throttle (DESIGN 5.4).
-- The next step is derived afterwards by project_tracks.
with settled as materialized (
    select a.id, a.claimed_at, a.message_id, a.phone_key, a.step_id, a.run, a.device_id, a.outcome, a.evidence, a.code,
           left(x.reason, 500) as reason, a.charge, x.old_charge, x.was_unknown, x.retry_at, a.outcome = 'retry' and x.counted as is_try
    from unnest(:'ids'::uuid[], :'claimed_ats'::timestamptz[], :'old_charges'::timestamptz[], :'was_unknown'::bool[],
                :'retry_ats'::timestamptz[], :'counted'::bool[], :'reasons'::text[])
         as x(id, claimed_at, old_charge, was_unknown, retry_at, counted, reason)
    join seqconsole.attempts a on a.claimed_at = x.claimed_at and a.id = x.id
),
message as (
    update broadcast_messages m
    set status = case s.outcome when 'sent' then 'sent' when 'failed' then 'failed' when 'unknown' then 'unknown'
                                else 'pending' end,
        sent_at = case when s.outcome = 'sent' then :'now'::timestamptz else m.sent_at::timestamptz end,
        scheduled_at = case when s.outcome in ('retry', 'never_sent') then coalesce(s.retry_at, :'now'::timestamptz)
                            else m.scheduled_at::timestamptz end,
        error_message = case s.outcome when 'sent' then null
                             when 'unknown' then coalesce(s.code, 'no answer before the lease ended')
                             else s.reason end,
        updated_at = :'now'::timestamptz
    from settled s
    where m.id = s.message_id
    returning m.id
),
ledger as (
    update seqconsole.deliveries d
    set outcome = case s.outcome when 'sent' then 's' when 'failed' then 'f' when 'unknown' then 'u' end::"char",
        evidence = case when s.outcome in ('sent', 'failed') then left(s.evidence, 1) end::"char",
        settled_at = case when s.outcome in ('sent', 'failed') then :'now'::timestamptz end
    from settled s
    where d.phone_key = s.phone_key and d.step_id = s.step_id and d.run = s.run and d.message_id = s.message_id
    returning d.message_id
),
contact as (
    update sequence_contacts c
    set status = case s.outcome when 'sent' then 'completed' when 'failed' then 'failed' else c.status end,
        completed_at = case when s.outcome = 'sent' then :'now'::timestamptz else c.completed_at::timestamptz end,
        last_error = case when s.outcome = 'sent' then null
                          when s.outcome = 'unknown' then 'in doubt: ' || coalesce(s.code, 'no answer before the lease ended')
                          else s.reason end,
        retry_count = case when s.is_try then coalesce(c.retry_count, 0) + 1 else c.retry_count end,
        processing_device_id = null, processing_started_at = null
    from settled s
    join seqconsole.progress p on p.message_id = s.message_id
    where c.id = p.contact_id and s.outcome in ('sent', 'failed', 'unknown', 'retry')
      and c.sequence_stepid = s.step_id and seqconsole.phone_key(c.contact_phone) = s.phone_key   -- else it is another's by now
    returning c.id
),
open_work as (
    update seqconsole.progress p
    set tries = p.tries + case when s.is_try then 1 else 0 end,
        state = case when s.outcome in ('retry', 'never_sent') then 'r' else 'w' end::"char",   -- derived anew at once
        at = case when s.outcome in ('retry', 'never_sent') then coalesce(s.retry_at, :'now'::timestamptz)
                  when s.outcome = 'unknown' then 'infinity' else p.at end,
        attempt_id = case when s.outcome = 'unknown' then p.attempt_id end,
        claimed_at = case when s.outcome = 'unknown' then p.claimed_at end
    from settled s
    where p.message_id = s.message_id
    returning p.track, p.message_id, p.phone_key
),
throttle as (   -- one attempt a device in a batch is the rule; a device is updated once whatever the batch holds
    update seqconsole.devices d
    set ring = n.ring, day = n.day, day_sent = n.day_sent,
        slot_at = seqconsole.throttle_opens(
            case when n.late then d.slot_at   -- an old doubt settled late says nothing of what is in flight now
                 when n.free and n.expired then least(d.slot_at, :'now'::timestamptz + d.gap_max)   -- it may have sent since
                 when n.free then :'now'::timestamptz else :'now'::timestamptz + d.gap_min + random() * (d.gap_max - d.gap_min) end,
            n.ring, d.send_limit, d.send_window, d.warm_from, d.warm_days, d.warm_limits,
            d.daily_cap, n.day, n.day_sent, d.quiet_from, d.quiet_to, d.zone),
        failures = case when n.sent then 0 else d.failures + n.bad end,
        last_sent_at = case when n.sent then :'now'::timestamptz else d.last_sent_at end
    from (
        select d.device_id, bool_or(s.outcome = 'sent') as sent, bool_and(s.outcome = 'never_sent') as free,
               bool_or(s.old_charge <= :'now'::timestamptz) as expired,   -- charged until the end of its lease
               bool_and(s.was_unknown
                        or exists (select 1 from seqconsole.progress p   -- its lease was over: the device sends another
                                   where p.state = 's' and p.device_id = s.device_id and p.attempt_id <> all(:'ids'::uuid[]))) as late,
               count(*) filter (where s.outcome in ('retry', 'unknown')
                                  or s.outcome = 'never_sent' and s.evidence = 'gateway') as bad,
               seqconsole.replace_charges(d.ring, array_agg(s.old_charge order by s.id), array_agg(s.charge order by s.id)) as ring,
               greatest(d.day, local.today) as day,   -- what was claimed before midnight may have gone out after it: both days
               greatest(0, case when d.day >= local.today
                                then d.day_sent - count(*) filter (where s.outcome = 'never_sent'
                                         and (s.claimed_at at time zone d.zone)::date = d.day)
                                else count(*) filter (where s.outcome <> 'never_sent' and not s.was_unknown) end)::int as day_sent
        from settled s
        join seqconsole.devices d using (device_id)
        cross join lateral (select (:'now'::timestamptz at time zone d.zone)::date as today) local
        where not s.was_unknown or s.outcome = 'never_sent'
        group by d.device_id, d.ring, local.today
    ) n
    where d.device_id = n.device_id
    returning d.device_id
)
select track, track = message_id as campaign, phone_key from open_work;
