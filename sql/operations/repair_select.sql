-- What a repair is asked for: contact rows and messages by their states and the filters of the queue, or by id.
-- :'idle' leaves out what an engine has in hand: messages in flight, contact rows whose message is queued. An empty array asks for nothing of its kind.
with wanted as (
    select null::uuid as contact_id, m.id as message_id
    from broadcast_messages m
    where cardinality(:'messages'::text[]) > 0
      and lower(m.status::text) = any(:'messages'::text[])
      and (:'devices'::uuid[] is null or m.device_id = any(:'devices'::uuid[]))
      and (:'sequences'::uuid[] is null
           or m.sequence_id = any(:'sequences'::uuid[])
           or m.sequence_stepid in (select s.id from sequence_steps s where s.sequence_id = any(:'sequences'::uuid[])))
      and (:'phones'::text[] is null
           or seqconsole.phone_key(m.recipient_phone) collate "C" = any(:'phones'::text[] collate "C"))
      and (:'error'::text is null or strpos(lower(m.error_message::text), lower(:'error'::text)) > 0)
      and (:'before'::timestamptz is null
           or coalesce(m.scheduled_at, m.created_at)::timestamptz < :'before'::timestamptz)
      and not (:'idle'::boolean
               and exists (select 1 from seqconsole.progress p where p.message_id = m.id and p.state = 's'))
    union all   -- open work that has no message yet
    select p.contact_id, null
    from seqconsole.progress p
    left join sequence_contacts c on c.id = p.contact_id and :'error'::text is not null
    where cardinality(:'work'::text[]) > 0
      and p.state::text = any(:'work'::text[]) and p.message_id is null and p.contact_id is not null
      and (:'devices'::uuid[] is null or p.device_id = any(:'devices'::uuid[]))
      and (:'sequences'::uuid[] is null or p.sequence_id = any(:'sequences'::uuid[]))
      and (:'phones'::text[] is null or p.phone_key = any(:'phones'::text[] collate "C"))
      and (:'error'::text is null or strpos(lower(c.last_error::text), lower(:'error'::text)) > 0)
      and (:'before'::timestamptz is null or p.due_at < :'before'::timestamptz)
    union all
    select c.id, null
    from sequence_contacts c
    where cardinality(:'contacts'::text[]) > 0
      and lower(c.status::text) = any(:'contacts'::text[])
      and (:'devices'::uuid[] is null or c.assigned_device_id = any(:'devices'::uuid[]))
      and (:'sequences'::uuid[] is null or c.sequence_id = any(:'sequences'::uuid[]))
      and (:'phones'::text[] is null
           or seqconsole.phone_key(c.contact_phone) collate "C" = any(:'phones'::text[] collate "C"))
      and (:'error'::text is null or strpos(lower(c.last_error::text), lower(:'error'::text)) > 0)
      and (:'before'::timestamptz is null
           or coalesce(c.processing_started_at, c.next_trigger_time, '-infinity')::timestamptz < :'before'::timestamptz)
      and not (:'idle'::boolean
               and exists (select 1 from seqconsole.progress p
                            where p.track = c.sequence_id and p.run = 1
                              and p.phone_key = (seqconsole.phone_key(c.contact_phone) collate "C")
                              and p.step_id = c.sequence_stepid
                              and p.message_id is not null and p.state in ('r', 's')))
    union all   -- contact rows that name no step of their sequence
    select c.id, null
    from sequence_contacts c
    where :'unlinked'::boolean
      and not exists (select 1 from sequence_steps s where s.id = c.sequence_stepid and s.sequence_id = c.sequence_id)
      and (:'devices'::uuid[] is null or c.assigned_device_id = any(:'devices'::uuid[]))
      and (:'sequences'::uuid[] is null or c.sequence_id = any(:'sequences'::uuid[]))
      and (:'phones'::text[] is null
           or seqconsole.phone_key(c.contact_phone) collate "C" = any(:'phones'::text[] collate "C"))
    union all   -- active steps behind the one whose turn it is
    select c.id, null
    from seqconsole.progress p
    join sequence_steps head on head.id = p.step_id
    join sequence_contacts c
      on c.sequence_id = p.track and seqconsole.phone_key(c.contact_phone) = p.phone_key and lower(c.status::text) = 'active'
    join sequence_steps s on s.id = c.sequence_stepid and s.sequence_id = p.track and s.day_number > head.day_number
    where :'behind'::boolean and p.gate = 'active'
      and (:'devices'::uuid[] is null or p.device_id = any(:'devices'::uuid[]))
      and (:'sequences'::uuid[] is null or p.sequence_id = any(:'sequences'::uuid[]))
      and (:'phones'::text[] is null or p.phone_key = any(:'phones'::text[] collate "C"))
    union all
    select c.id, null from sequence_contacts c where c.id = any(:'ids'::uuid[])
    union all
    select null, m.id from broadcast_messages m where m.id = any(:'ids'::uuid[])
)
select distinct contact_id, message_id from wanted;
