-- Lost with the database's last commits: the message of an attempt, its place in the ledger. They come back open.
-- A step that was queued anew meanwhile keeps its new message. Returned: the open work to derive anew.
with lost as materialized (
    select x.message_id, x.phone_key collate "C" as phone_key, x.step_id, x.device_id, x.claimed_at, s.sequence_id,
           s.id is not null as is_step, s.message_type, coalesce(s.content, s.caption) as content, s.media_url
    from unnest(:'messages'::uuid[], :'phones'::text[], :'steps'::uuid[], :'devices'::uuid[], :'claimed_ats'::timestamptz[])
         as x(message_id, phone_key, step_id, device_id, claimed_at)
    left join sequence_steps s on s.id = x.step_id
    where s.id is not null or x.step_id = x.message_id
),
ledger as (
    insert into seqconsole.deliveries (phone_key, step_id, run, message_id, contact_id, device_id)
    select l.phone_key, l.step_id, 1, l.message_id,
           (select min(c.id::text)::uuid from sequence_contacts c
             where c.sequence_id = l.sequence_id and seqconsole.phone_key(c.contact_phone) = l.phone_key
               and c.sequence_stepid = l.step_id),
           l.device_id
    from lost l
    on conflict (phone_key, step_id, run) do nothing
    returning message_id
),
queued as (
    insert into broadcast_messages
        (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, message_type, content, media_url, status,
         scheduled_at, created_at, updated_at)
    select l.message_id, u.user_id, l.device_id, l.sequence_id, case when l.is_step then l.step_id end, l.phone_key,
           coalesce(l.message_type, 'text'), l.content, l.media_url, 'pending', l.claimed_at, l.claimed_at,
           :'now'::timestamptz
    from lost l
    join ledger using (message_id)
    left join user_devices u on u.id = l.device_id
    where not exists (select 1 from broadcast_messages m where m.id = l.message_id)
)
select coalesce(sequence_id, message_id) as track, phone_key as phone, not is_step as campaign from lost;
