-- Duplicate groups, judged (DESIGN 6): every row of each group in survivorship order, and what becomes of the group.
-- The one place for it: the preview shows this, apply runs it again under lock. One row per contact row; place 1 stays.
with wanted as materialized (
    select distinct g.sequence_id, g.phone_key collate "C" as phone_key, g.step_id,
           (g.sequence_id::text || '|' || g.phone_key || '|' || g.step_id::text) collate "C" as key
    from unnest(:'sequences'::uuid[], :'phones'::text[], :'steps'::uuid[]) as g(sequence_id, phone_key, step_id)
    where exists (select 1 from sequence_steps s where s.id = g.step_id)
),
copy as materialized (
    select w.key, c.id, c.status::text as status, seqconsole.contact_state(c.status::text) as state,
           c.completed_at::timestamptz as completed_at, c.next_trigger_time::timestamptz as next_trigger_time,
           c.contact_phone::text as phone, c.contact_name::text as name, c.assigned_device_id as device_id,
           c.retry_count::int as retry_count,
           c.processing_device_id is not null   -- a claim of another sender that it may still be working on
               and c.processing_started_at::timestamptz > :'now'::timestamptz - interval '30 minutes' as claimed,
           c.id = any(:'keep'::uuid[]) as chosen,
           encode(sha256(convert_to((c.*)::text, getdatabaseencoding())), 'hex') as image
    from wanted w
    join sequence_contacts c
      on c.sequence_id = w.sequence_id and seqconsole.phone_key(c.contact_phone) = w.phone_key
     and c.sequence_stepid = w.step_id
),
message as materialized (
    select w.key, m.id, m.status::text as status, m.sent_at::timestamptz as sent_at,
           m.scheduled_at::timestamptz as scheduled_at, m.updated_at::timestamptz as updated_at,
           coalesce(mc.meaning, 'unknown') as meaning
    from wanted w
    join broadcast_messages m
      on seqconsole.phone_key(m.recipient_phone) = w.phone_key and m.sequence_stepid = w.step_id
    left join seqconsole.codes mc on mc.source = 'foreign'
          and mc.code = case lower(m.status::text) when 'unknown' then 'sending' else lower(m.status::text) end
),
delivery as materialized (
    select w.key, d.*
    from wanted w
    join seqconsole.deliveries d on d.phone_key = w.phone_key and d.step_id = w.step_id
),
attempt as materialized (
    select x.key, a.id, a.message_id, a.outcome, a.lease_until, a.settled_at
    from (select key, message_id from delivery union select key, id from message) x
    join seqconsole.attempts a on a.message_id = x.message_id
),
work as materialized (
    select w.key, p.contact_id, p.state, p.attempt_id, p.at
    from wanted w
    join seqconsole.progress p
      on p.track = w.sequence_id and p.phone_key = w.phone_key and p.step_id = w.step_id
),
sent as materialized (   -- evidence of a send belongs to the group
    select key, min(at) as at, array_agg(distinct proof order by proof) as proofs,
           min(at) filter (where proof <> 'the ledger' or message_id <> '00000000-0000-0000-0000-000000000000') as known_at,
           (array_agg(message_id order by at nulls last) filter (where message_id <> '00000000-0000-0000-0000-000000000000'))[1]
               as message_id
    from (
        select key, 'the ledger' as proof, settled_at as at, message_id from delivery where outcome = 's'
        union all
        select key, 'an attempt', settled_at, message_id from attempt where outcome = 'sent'
        union all
        select key, 'a sent message', coalesce(sent_at, updated_at), id from message where meaning = 'sent'
        union all
        select key, 'a completed row', completed_at, null from copy where state = 'completed'
    ) e
    group by key
),
flight as materialized (
    select key, max(until) as until
    from (
        select key, at as until from work where state = 's'
        union all
        select key, lease_until from attempt where outcome is null
    ) f
    group by key
),
doubt as materialized (
    select key, (array_agg(message_id))[1] as message_id
    from (
        select key, message_id from delivery where outcome = 'u'
        union all
        select key, id from message where meaning = 'unknown'
        union all
        select key, message_id from attempt where outcome = 'unknown'
    ) u
    group by key
),
queued as materialized (   -- the message that stands for the step
    select d.key, d.message_id, m.scheduled_at
    from delivery d
    join message m on m.key = d.key and m.id = d.message_id
    where d.run = 1 and d.outcome is null and m.meaning = 'pending'
),
owned as materialized (   -- a row with a delivery of its own, or an attempt
    select distinct on (key, id) key, id, message_id, outcome
    from (
        select key, contact_id as id, message_id, outcome, run
        from delivery
        where message_id <> '00000000-0000-0000-0000-000000000000' and contact_id is not null
        union all
        select key, contact_id, null, null, 0 from work where attempt_id is not null and contact_id is not null
    ) o
    order by key, id, run desc
),
levelled as materialized (
    select c.*, o.message_id as own_message, o.outcome as own_outcome,
           case
               when o.id is not null then 1
               when c.state = 'completed' then 2
               when c.claimed then 3
               when c.state = 'other' then 4   -- a state of another program is never guessed away
               when c.state = 'active' then 5
               when c.state = 'failed' then 6
               when c.state = 'skipped' then 7
               else 8
           end as level
    from copy c
    left join owned o using (key, id)
),
ranked as materialized (
    select l.*, count(*) over (partition by key) as size,
           bool_or(state = 'active') over (partition by key) as any_active,
           max(retry_count) over (partition by key) as most_retries,
           row_number() over survivorship as place,
           case
               when chosen then 'chosen by the operator'
               when level is distinct from lead(level) over survivorship then
                   (array['its own delivery or attempt', 'completed', 'a live claim', 'a state of another program',
                          'active', 'failed', 'skipped', 'pending'])[level]
               when completed_at is distinct from lead(completed_at) over survivorship then 'the earliest completed_at'
               when next_trigger_time is distinct from lead(next_trigger_time) over survivorship
                   then 'the earliest next_trigger_time'
               else 'the lowest id'
           end as rule
    from levelled l
    window survivorship as (partition by key order by chosen desc, level, completed_at, next_trigger_time, id)
),
verdict as materialized (
    select s.key, s.id as survivor, s.rule, s.status as old_status, v.result, s.size,
           sent.key is not null as is_sent, sent.at as sent_at, sent.proofs, sent.message_id as sent_message,
           doubt.message_id as doubt_message, sent.key is null and doubt.key is not null as in_doubt,
           case when sent.key is null and doubt.key is null and (v.result = 'active' or s.state = 'other')
                then queued.message_id end as kept_message,
           queued.scheduled_at,
           case when sent.key is null then s.completed_at   -- a time of the ledger alone is no better than none
                when s.state = 'completed' then sent.known_at
                else coalesce(sent.known_at, sent.at, :'now'::timestamptz) end as completed_at,
           s.completed_at as old_completed_at, s.most_retries, s.retry_count as old_retry_count,
           s.next_trigger_time as survivor_due,
           flight.key is not null as busy, flight.until as busy_until
    from ranked s
    left join sent using (key)
    left join doubt using (key)
    left join flight using (key)
    left join queued using (key),
    lateral (select case
                 when sent.key is not null then 'completed'
                 when doubt.key is not null then 'active'
                 when s.state = 'pending' and (s.any_active or queued.message_id is not null) then 'active'
                 else s.status
             end as result) v
    where s.place = 1 and s.size > 1
),
surplus as materialized (
    select v.key, array_agg(m.id order by m.id) as ids
    from verdict v
    join message m on m.key = v.key
    where m.meaning = 'pending' and m.id is distinct from v.kept_message
    group by v.key
),
pin as materialized (   -- everything that was read to decide, and the decision
    select v.key,
           encode(sha256(convert_to(concat_ws(E'\n', v.survivor, v.result, v.rule, r.facts), getdatabaseencoding())),
                  'hex') as hash
    from verdict v
    join (
        select key, string_agg(fact, ' ' order by kind, fact collate "C") as facts
        from (
            select key, 1 as kind, image as fact from copy
            union all
            select key, 2, (d.*)::text from delivery d
            union all
            select key, 3, (m.*)::text from message m
            union all
            select key, 4, id::text || coalesce(outcome, '') from attempt
        ) f
        group by key
    ) r using (key)
)
select r.key, w.sequence_id, w.phone_key, w.step_id, q.name::text as sequence_name, st.day_number::int as day_number,
       r.id, r.status, r.phone, r.name, u.device_name::text as device_name, r.place::int as place,
       case when r.completed_at between '0001-01-02' and '9999-12-30' then r.completed_at end as completed_at,
       case when r.next_trigger_time between '0001-01-02' and '9999-12-30' then r.next_trigger_time end as next_trigger_time,
       (select m.status from message m where m.key = r.key and m.id = r.own_message limit 1) as message,
       concat_ws(', ',
           case when r.own_message is not null then 'own delivery: '
                || case r.own_outcome when 's' then 'sent' when 'f' then 'failed' when 'k' then 'skipped'
                                      when 'u' then 'in doubt' else 'open' end end,
           case when r.state = 'completed' then 'completed' end,
           case when r.claimed then 'claimed by another sender' end) as evidence,
       v.rule, v.result, v.is_sent, v.proofs, v.in_doubt, v.busy,
       case when isfinite(v.busy_until) then v.busy_until end as busy_until,
       v.completed_at::text as result_completed_at, v.most_retries as result_retry_count,
       (v.result, v.completed_at, v.most_retries)
           is distinct from (v.old_status, v.old_completed_at, v.old_retry_count) as survivor_changes,
       v.kept_message, coalesce(s.ids, '{}') as surplus,
       case when v.scheduled_at between '0001-01-02' and '9999-12-30' then v.scheduled_at end as scheduled_at,
       case when v.is_sent and (d.outcome is null or d.outcome in ('f', 'k')) then 's'
            when v.in_doubt and (d.outcome is null or d.outcome in ('f', 'k')) then 'u'
            when d.key is not null and d.outcome is null and d.message_id = any(s.ids) then 'k' end as new_outcome,
       case when v.is_sent then coalesce(v.sent_message, '00000000-0000-0000-0000-000000000000')
            when v.in_doubt then v.doubt_message
            else d.message_id end as new_message,
       exists (select 1
               from sequence_contacts e
               join sequence_steps es on es.id = e.sequence_stepid and es.day_number < st.day_number
               where e.sequence_id = w.sequence_id and seqconsole.phone_key(e.contact_phone) = w.phone_key
                 and seqconsole.contact_state(e.status::text) not in ('completed', 'skipped')) as earlier_open,
       exists (select 1
               from seqconsole.holds h
               where h.until > :'now'::timestamptz
                 and (h.scope = 'all' or h.scope = 'sequence' and h.key = w.sequence_id::text
                      or h.scope = 'device' and h.key = r.device_id::text
                      or h.scope = 'contact' and h.key = w.phone_key
                         and (h.sequences is null or w.sequence_id = any(h.sequences)))) as held,
       p.hash as pin
from ranked r
join verdict v using (key)
join pin p using (key)
join wanted w using (key)
left join surplus s using (key)
left join delivery d on d.key = r.key and d.run = 1
left join sequences q on q.id = w.sequence_id
left join sequence_steps st on st.id = w.step_id
left join user_devices u on u.id = r.device_id
order by r.key, r.place;
