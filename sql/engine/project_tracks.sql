-- Derive the open step of each track (sequence, person) from contact rows, deliveries and messages (DESIGN 4).
-- The one place that decides what is next, when, and which gate of the row itself holds it.
-- The caller holds the projection lock or the tracks' progress rows. not_before: the 10 s before an act that sends.
with track as materialized (
    select distinct t.track as sequence_id, t.phone_key collate "C" as phone_key
    from unnest(:'tracks'::uuid[], :'phones'::text[]) as t(track, phone_key)
    where t.track is not null and t.phone_key is not null
      and not exists (   -- in flight or in doubt: only its outcome moves it
          select 1 from seqconsole.progress p
          left join broadcast_messages m on m.id = p.message_id
          where p.track = t.track and p.phone_key = t.phone_key collate "C" and p.run = 1
            and (p.state = 's' or p.state = 'u' and m.status::text = 'unknown'))
),
step_order as materialized (   -- ties and NULLs leave the order undecided
    select s.sequence_id, count(*) <> count(distinct s.day_number) as undecided
    from sequence_steps s
    where s.sequence_id in (select sequence_id from track)
    group by s.sequence_id
),
contact as materialized (
    select t.sequence_id, t.phone_key, c.id, c.sequence_stepid as step_id,
           seqconsole.contact_state(c.status::text) as state,
           c.next_trigger_time::timestamptz as next_trigger_time, c.completed_at::timestamptz as completed_at,
           c.assigned_device_id as device_id
    from track t
    cross join lateral (   -- OFFSET 0: always the index by person, never a scan of the table
        select c.*
        from sequence_contacts c
        where c.sequence_id = t.sequence_id and seqconsole.phone_key(c.contact_phone) = t.phone_key
        offset 0
    ) c
),
policy as materialized (
    select st.key as sequence_key, st.value #>> '{}' as on_failure
    from seqconsole.settings st
    where st.scope = 'sequence' and st.name = 'on_failure'
),
step as materialized (   -- one row per track and step that the track has rows or open messages for
    select x.sequence_id, x.phone_key, x.step_id, s.day_number, x.lost,
           s.trigger_delay_hours as delay_hours,
           coalesce(x.copies, 0) as copies, x.contact_id, x.state, x.next_trigger_time, x.completed_at, x.device_id,
           coalesce(x.unsettled, 0) as unsettled, coalesce(x.actives, 0) as actives,
           nullif(d.message_id, '00000000-0000-0000-0000-000000000000') as message_id,   -- nil: history without a message
           d.outcome, coalesce(d.outcome = 'u' and d.evidence is null, false) as doubt, d.settled_at, d.device_id as message_device, d.contact_id as delivery_contact
    from (
        select c.sequence_id, c.phone_key, c.step_id, count(*) as copies,
               (array_agg(c.id order by c.id))[1] as contact_id,
               min(c.state) as state,
               min(c.next_trigger_time) as next_trigger_time, min(c.completed_at) as completed_at,
               (array_agg(c.device_id order by c.id) filter (where c.device_id is not null))[1] as device_id,
               count(*) filter (where c.state not in ('completed', 'skipped')
                                  and not (c.state = 'failed' and coalesce(y.on_failure, 'hold') = 'skip')) as unsettled,
               count(*) filter (where c.state = 'active') as actives, false as lost
        from contact c
        left join policy y on y.sequence_key = c.sequence_id::text
        group by c.sequence_id, c.phone_key, c.step_id
        union all   -- the ledger knows of a step whose contact row is missing: a message, open, in doubt or settled
        select t.sequence_id, t.phone_key, d.step_id, 0, null, null, null, null, null,
               case when coalesce(d.outcome, 'u') = 'u' then 1 else 0 end, 0, false
        from track t
        join sequence_steps s on s.sequence_id = t.sequence_id
        join seqconsole.deliveries d on d.phone_key = t.phone_key and d.step_id = s.id and d.run = 1
        where (t.sequence_id, t.phone_key, s.id) not in (   -- NOT IN: hashed, whatever the estimates
              select c.sequence_id, c.phone_key, c.step_id from contact c where c.step_id is not null)
        union all   -- a doubt whose step was deleted in flight: nobody knows whether it went out
        select t.sequence_id, t.phone_key, p.step_id, 0, null, null, null, null, null, 1, 0, true
        from track t
        join seqconsole.progress p on p.track = t.sequence_id and p.phone_key = t.phone_key and p.run = 1
        join seqconsole.deliveries d on d.phone_key = p.phone_key and d.step_id = p.step_id and d.run = 1
        where d.outcome = 'u'
          and not exists (select 1 from sequence_steps s where s.id = p.step_id and s.sequence_id = t.sequence_id)
    ) x
    left join sequence_steps s on s.id = x.step_id and s.sequence_id = x.sequence_id
    left join seqconsole.deliveries d on d.phone_key = x.phone_key and d.step_id = x.step_id and d.run = 1
    where s.id is not null or x.lost
),
ordered as (
    select step.*, v.open,
           max(coalesce(settled_at, completed_at)) over (w rows between unbounded preceding and 1 preceding) as before_settled_at,
           lag(coalesce(message_device, device_id)) over w as before_device,
           sum(actives) filter (where v.open) over (partition by sequence_id, phone_key) as track_actives
    from step,
    lateral (select unsettled > 0 and not (copies = 1 and outcome is not distinct from 's')
                    or outcome is not distinct from 'u' as open) v   -- a doubt is no matter of the contact row's state
    window w as (partition by sequence_id, phone_key order by day_number nulls last, step_id)
),
head as (
    select distinct on (sequence_id, phone_key) *
    from ordered
    where open
    order by sequence_id, phone_key, lost desc, doubt desc,   -- a doubt of ours comes first, also before what is open again
             day_number nulls last, step_id
),
judged as (
    select h.*, p.due_at as old_due_at, p.at as old_at, p.gate as old_gate, p.step_id as old_step_id,
           p.tries as old_tries, p.attempt_id as old_attempt_id, p.claimed_at as old_claimed_at,
           case when m.id is not null then coalesce(mc.meaning, 'unknown') end as message_state,
           m.scheduled_at::timestamptz as scheduled_at,
           coalesce(m.device_id, h.message_device, h.device_id) as wanted_device,
           case
               when h.copies > 1 then 'duplicate'
               when h.copies = 0 and h.delivery_contact is not null then 'contact'   -- its row is gone or another person's
               when coalesce(o.undecided, true) then 'order'
               when q.id is null then 'orphan'
               when q.is_active is false
                    or lower(q.status::text) in ('inactive', 'paused', 'draft', 'archived', 'stopped') then 'inactive'
               when h.delay_hours < 0 then 'delay'
               when h.track_actives > 1 or (h.track_actives = 1 and h.actives = 0) then 'active'
               when h.state = 'active' and h.message_id is null then 'stuck'
               when h.message_id is not null and m.id is null then 'vanished'
               when mc.meaning = 'pending' and seqconsole.phone_key(m.recipient_phone) is distinct from h.phone_key then 'recipient'
               when mc.meaning = 'skipped' then 'skipped'
               when h.state = 'other' then 'state'
           end as row_gate,
           case when h.before_settled_at is not null
                then greatest(h.next_trigger_time, least(h.before_settled_at, :'now'::timestamptz) + w.wait)
                else coalesce(h.next_trigger_time,
                              case when p.step_id = h.step_id then p.due_at end,
                              m.scheduled_at::timestamptz,
                              :'now'::timestamptz + w.wait)
           end as due,
           ch.until as held_until
    from head h
    left join seqconsole.progress p on p.track = h.sequence_id and p.phone_key = h.phone_key and p.run = 1
    left join sequences q on q.id = h.sequence_id
    left join step_order o on o.sequence_id = h.sequence_id
    left join broadcast_messages m on m.id = h.message_id
    left join seqconsole.codes mc on mc.source = 'foreign'
          and mc.code = case lower(m.status::text) when 'unknown' then 'sending' else lower(m.status::text) end
    left join lateral (select max(c.until) as until from seqconsole.holds c
                       where c.scope = 'contact' and c.key = h.phone_key and c.until > :'now'::timestamptz
                         and (c.sequences is null or h.sequence_id = any(c.sequences))) ch on true,
    lateral (select make_interval(hours => least(greatest(coalesce(h.delay_hours, 24), 0), 87600)) as wait) w
),
timed as (
    select j.*, v.state as open_state,
           greatest(j.due, case when v.state = 'r' then j.scheduled_at end) as ready_at,
           greatest(:'not_before'::timestamptz, k.until) as not_before,
           case when k.until >= coalesce(:'not_before'::timestamptz, '-infinity') then j.old_gate else 'countdown' end
               as not_before_gate,
           j.due + (select seqconsole.as_interval(x.value #>> '{}') from seqconsole.settings x
                     where x.scope = 'step' and x.key = j.step_id::text and x.name = 'valid_for') as expires_at,
           case when v.state = 'u' then 'unknown'
                when j.row_gate is not null then j.row_gate
                when v.state = 'f' then 'failed' end as closed
    from judged j,
    lateral (select case when j.old_step_id = j.step_id and j.old_at > :'now'::timestamptz
                          and j.old_gate in ('countdown', 'spread', 'overdue', 'frequency', 'cold') then j.old_at end as until) k,
    lateral (select case
                 when j.message_state = 'unknown' or j.outcome = 'u' then 'u'
                 when j.message_state = 'pending' then 'r'
                 when j.state = 'failed' or j.message_state = 'failed' or j.outcome = 'f' then 'f'
                 else 'w'
             end::"char" as state) v
),
wanted as (
    select t.sequence_id, t.phone_key, t.step_id, t.contact_id, t.message_id, coalesce(u.id, b.id) as device_id,
           t.open_state as state, t.due, case when t.closed is null then t.expires_at end as expires_at, t.old_step_id, t.old_tries, t.old_attempt_id, t.old_claimed_at,
           case when t.closed is not null then 'infinity'
                else greatest(t.ready_at, t.not_before, t.held_until) end as at,
           case when t.closed is not null then t.closed
                when t.not_before = 'infinity' then t.not_before_gate   -- an end of the contact's hold does not end it
                when t.held_until = 'infinity' then 'hold'
                when t.open_state = 'r' and u.id is null then 'device'
                when t.held_until is not null then 'hold'
                when t.not_before > greatest(t.ready_at, :'now'::timestamptz) then t.not_before_gate end as gate
    from timed t
    left join user_devices u on u.id = t.wanted_device
    left join user_devices b   -- no device of its own: the person keeps the one that sent the step before
           on u.id is null and t.open_state = 'w' and b.id = t.before_device
),
left_behind as (   -- queued for a step that is the track's no more: the roll-up says so
    insert into seqconsole.changes (at, kind, ids)
    select :'now'::timestamptz, 'messages', array_agg(m.id)
    from track t
    join seqconsole.progress p on p.track = t.sequence_id and p.phone_key = t.phone_key and p.run = 1
    join broadcast_messages m on m.id = p.message_id
    where p.state = 'r' and lower(m.status::text) = 'pending'
      and p.message_id not in (select w.message_id from wanted w where w.message_id is not null)
    having count(*) > 0
),
gone as (
    delete from seqconsole.progress p
    using track t
    where p.track = t.sequence_id and p.phone_key = t.phone_key and p.run = 1
      and (p.track, p.phone_key) not in (select w.sequence_id, w.phone_key from wanted w)
)
insert into seqconsole.progress as p
    (track, phone_key, run, sequence_id, step_id, contact_id, message_id, device_id, state, at, gate, due_at, expires_at,
     tries, attempt_id, claimed_at)
select w.sequence_id, w.phone_key, 1, w.sequence_id, w.step_id, w.contact_id, w.message_id, w.device_id,
       w.state, w.at, w.gate, w.due, w.expires_at,
       case when w.old_step_id = w.step_id then w.old_tries else 0 end,
       case when w.old_step_id = w.step_id then w.old_attempt_id end,
       case when w.old_step_id = w.step_id then w.old_claimed_at end
from wanted w
on conflict (track, phone_key, run) do update
set step_id = excluded.step_id, contact_id = excluded.contact_id, message_id = excluded.message_id,
    device_id = excluded.device_id, state = excluded.state, at = excluded.at, gate = excluded.gate,
    due_at = excluded.due_at, expires_at = excluded.expires_at, tries = excluded.tries, attempt_id = excluded.attempt_id, claimed_at = excluded.claimed_at
where (p.step_id, p.contact_id, p.message_id, p.device_id, p.state, p.at, p.gate, p.due_at, p.expires_at)
      is distinct from
      (excluded.step_id, excluded.contact_id, excluded.message_id, excluded.device_id, excluded.state, excluded.at,
       excluded.gate, excluded.due_at, excluded.expires_at);
