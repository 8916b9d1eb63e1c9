-- The next portion of contact rows, by track (sequence, person). A completed row is evidence of a send also where its
-- message is gone (message_id = nil), and has its step's delivery. Returns the tracks that need a projection, have
-- a step twice, or a row that is behind the ledger; and the last track that was read to its end, if any, and whether
-- there may be more.
with read as materialized (
    select c.sequence_id, seqconsole.phone_key(c.contact_phone) collate "C" as phone_key, c.id, c.sequence_stepid as step_id,
           c.status::text as status, c.completed_at::timestamptz as completed_at, c.assigned_device_id as device_id
    from sequence_contacts c
    where (c.sequence_id, seqconsole.phone_key(c.contact_phone) collate "C")
          > (:'after_track'::uuid, :'after_phone'::text collate "C")
      and seqconsole.phone_key(c.contact_phone) collate "C" is not null
    order by c.sequence_id, seqconsole.phone_key(c.contact_phone) collate "C"
    limit :'limit'::int
),
edge as (   -- the last track of a full portion may have more rows
    select r.sequence_id, r.phone_key
    from read r
    where (select count(*) from read) = :'limit'::int
    order by r.sequence_id desc, r.phone_key desc
    limit 1
),
contact as materialized (
    select r.*, d.phone_key is not null as has_delivery, d.contact_id is null as free,
           r.status = 'pending' and d.phone_key is not null and coalesce(d.outcome = 's', true) as behind
    from read r
    left join edge e on (e.sequence_id, e.phone_key) = (r.sequence_id, r.phone_key)
    left join lateral (   -- OFFSET 0: always the index, never a scan of the ledger for each portion
        select d.* from seqconsole.deliveries d
        where d.phone_key = r.phone_key and d.step_id = r.step_id and d.run = 1
        offset 0
    ) d on true
    where e.sequence_id is null
),
evidence as materialized (
    select distinct on (phone_key, step_id) *
    from contact
    where status = 'completed' and step_id is not null and phone_key is not null and free
    order by phone_key, step_id, completed_at, id
),
owned as (
    update seqconsole.deliveries d
    set contact_id = e.id
    from evidence e
    where e.has_delivery and d.phone_key = e.phone_key and d.step_id = e.step_id and d.run = 1
),
written as (
    insert into seqconsole.deliveries
        (phone_key, step_id, run, message_id, contact_id, device_id, outcome, evidence, settled_at)
    select phone_key, step_id, 1, '00000000-0000-0000-0000-000000000000', id, device_id, 's', 'h',
           coalesce(completed_at, :'now'::timestamptz)
    from evidence e
    where not has_delivery
      and not exists (   -- sent since the queue was read: the feed has it
          select 1 from broadcast_messages m
          where seqconsole.phone_key(m.recipient_phone) = e.phone_key and m.sequence_stepid = e.step_id)
    on conflict (phone_key, step_id, run) do nothing
),
track as (
    select sequence_id, phone_key, bool_or(open) as open, bool_or(doubled) as doubled, bool_or(behind) as behind
    from (select sequence_id, phone_key, bool_or(behind) as behind,
                 bool_or(seqconsole.contact_state(status) not in ('completed', 'skipped')) as open,
                 step_id is not null and count(*) > 1 as doubled
          from contact
          group by sequence_id, phone_key, step_id) s
    group by sequence_id, phone_key
),
last as (
    select sequence_id, phone_key from track order by sequence_id desc, phone_key desc limit 1
)
select sequence_id as track, phone_key as phone, open, doubled, behind, false as is_last, false as more
from track where open or doubled
union all
select l.sequence_id, l.phone_key, false, false, false, true, exists (select 1 from edge)
from (select 1) x left join last l on true;
