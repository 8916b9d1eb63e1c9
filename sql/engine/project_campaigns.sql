-- The open work of messages that belong to no step: each is a track of its own.
with message as materialized (
    select m.id, seqconsole.phone_key(m.recipient_phone) as phone_key,
           coalesce(m.sequence_id, '00000000-0000-0000-0000-000000000000') as sequence_id,
           u.id as device_id, coalesce(c.meaning, 'unknown') as state,
           coalesce(m.scheduled_at, m.created_at)::timestamptz as at, m.status::text as status
    from broadcast_messages m
    left join user_devices u on u.id = m.device_id
    left join seqconsole.codes c on c.source = 'foreign'
          and c.code = case lower(m.status::text) when 'unknown' then 'sending' else lower(m.status::text) end
    where m.id = any(:'ids'::uuid[]) and m.sequence_stepid is null
),
wanted as (
    select m.id, m.phone_key, m.sequence_id, m.device_id, v.state, m.at as due_at,
           case when v.state <> 'r' then 'infinity'
                else greatest(coalesce(m.at, :'now'::timestamptz), ch.until, cd.at) end as at,
           case when v.state = 'u' then 'unknown'
                when cd.at = 'infinity' then cd.gate   -- an end of the contact's hold does not end it
                when ch.until = 'infinity' then 'hold'
                when m.device_id is null then 'device'
                when ch.until is not null then 'hold'
                else cd.gate end as gate
    from message m
    join seqconsole.deliveries d on d.phone_key = m.phone_key and d.step_id = m.id and d.message_id = m.id
    left join lateral (select max(c.until) as until from seqconsole.holds c
                       where c.scope = 'contact' and c.key = m.phone_key and c.until > :'now'::timestamptz
                         and (c.sequences is null or m.sequence_id = any(c.sequences))) ch on true
    left join lateral (select p.at, p.gate from seqconsole.progress p
                       where p.track = m.id and p.gate in ('countdown', 'spread', 'overdue') and p.at > :'now'::timestamptz) cd on true,
    lateral (select case   -- the ledger is never contradicted by a status that somebody set back
                 when d.outcome in ('s', 'f', 'k') and m.state = 'pending' then null
                 when d.outcome = 'u' then 'u'
                 when m.state = 'pending' then 'r'
                 when m.state = 'unknown' then 'u'
             end::"char" as state) v
    where v.state is not null
),
gone as (
    delete from seqconsole.progress p
    using unnest(:'ids'::uuid[]) as x(id)
    where p.track = x.id and p.state <> 's'
      and not exists (select 1 from wanted w where w.id = p.track)
      and not (p.state = 'u' and exists (   -- a doubt stays, whatever else its row says now
          select 1 from broadcast_messages m where m.id = x.id and m.status::text = 'unknown'))
    returning p.track, p.state
),
left_behind as (   -- queued, and by its row none of ours any more: the roll-up says so
    insert into seqconsole.changes (at, kind, ids)
    select :'now'::timestamptz, 'messages', array_agg(m.id)
    from gone
    join broadcast_messages m on m.id = gone.track
    where gone.state = 'r' and lower(m.status::text) = 'pending'
    having count(*) > 0
)
insert into seqconsole.progress as p
    (track, phone_key, run, sequence_id, step_id, message_id, device_id, state, at, gate, due_at)
select id, phone_key, 1, sequence_id, id, id, device_id, state, at, gate, due_at
from wanted
on conflict (track, phone_key, run) do update
set sequence_id = excluded.sequence_id, device_id = excluded.device_id, state = excluded.state, at = excluded.at, gate = excluded.gate,
    due_at = excluded.due_at
where p.state <> 's' and not (p.state = 'u' and excluded.state = 'u');
