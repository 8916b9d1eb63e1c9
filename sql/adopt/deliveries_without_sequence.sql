-- The next portion of contact rows that have no sequence: a completed one is evidence of a send all the same.
-- NULL: nobody was read to the end.
with read as materialized (
    select seqconsole.phone_key(c.contact_phone) collate "C" as phone_key, c.id, c.sequence_stepid as step_id,
           c.status::text as status, c.completed_at::timestamptz as completed_at, c.assigned_device_id as device_id
    from sequence_contacts c
    where c.sequence_id is null and seqconsole.phone_key(c.contact_phone) collate "C" > :'after'::text collate "C"
    order by seqconsole.phone_key(c.contact_phone) collate "C"
    limit :'limit'::int
),
edge as (
    select case when count(*) = :'limit'::int then max(phone_key) end as phone_key from read
),
contact as (
    select r.* from read r cross join edge where edge.phone_key is null or r.phone_key < edge.phone_key
),
written as (
    insert into seqconsole.deliveries as d
        (phone_key, step_id, run, message_id, contact_id, device_id, outcome, evidence, settled_at)
    select distinct on (phone_key, step_id)
           phone_key, step_id, 1, '00000000-0000-0000-0000-000000000000'::uuid, id, device_id, 's', 'h',
           coalesce(completed_at, :'now'::timestamptz)
    from contact c
    where status = 'completed' and step_id is not null
      and (exists (select 1 from seqconsole.deliveries x where x.phone_key = c.phone_key and x.step_id = c.step_id and x.run = 1)
           or not exists (   -- sent since the queue was read: the feed has it
               select 1 from broadcast_messages m
               where seqconsole.phone_key(m.recipient_phone) = c.phone_key and m.sequence_stepid = c.step_id))
    order by phone_key, step_id, completed_at, id
    on conflict (phone_key, step_id, run) do update
    set contact_id = excluded.contact_id
    where d.contact_id is null
)
select max(phone_key) as after, (select phone_key is not null from edge) as more from contact;
