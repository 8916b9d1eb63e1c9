-- Steps whose validity is over are skipped, queued or not; their tracks are returned to be derived anew.
-- What another session holds is not waited for: it is skipped in a later round (a claim refuses it meanwhile).
with late as materialized (
    select p.track, p.phone_key, p.run, p.step_id, p.message_id, p.contact_id
    from seqconsole.progress p
    where p.state in ('w', 'r') and p.expires_at <= :'now'::timestamptz
    order by p.expires_at
    limit :'limit'::int offset :'passed_over'::int
    for update skip locked
),
free_message as materialized (
    select m.id from broadcast_messages m
    where m.id = any(array(select l.message_id from late l where l.message_id is not null))
    order by m.id
    for no key update skip locked
),
free_contact as materialized (
    select c.id from sequence_contacts c
    where c.id = any(array(select l.contact_id from late l where l.contact_id is not null))
    order by c.id
    for no key update skip locked
),
ours as materialized (
    select l.*
    from late l
    where (l.message_id is null or l.message_id in (select id from free_message)
           or not exists (select 1 from broadcast_messages m where m.id = l.message_id))
      and (l.contact_id is null or l.contact_id in (select id from free_contact)
           or not exists (select 1 from sequence_contacts c where c.id = l.contact_id))
),
message as (
    update broadcast_messages m
    set status = 'skipped', error_message = 'expired', updated_at = :'now'::timestamptz
    from ours
    where m.id = ours.message_id and lower(m.status::text) = 'pending'
    returning m.id
),
ledger as (
    update seqconsole.deliveries d
    set outcome = 'k', settled_at = :'now'::timestamptz
    from ours
    join message on message.id = ours.message_id
    where d.phone_key = ours.phone_key and d.step_id = ours.step_id and d.run = ours.run and d.message_id = ours.message_id
    returning d.message_id
),
contact as (
    update sequence_contacts c
    set status = 'skipped', last_error = 'expired'
    from ours
    where c.id = ours.contact_id and lower(c.status::text) in ('pending', 'active')
      and c.sequence_stepid = ours.step_id and seqconsole.phone_key(c.contact_phone) = ours.phone_key
      and (ours.message_id is null or ours.message_id in (select id from message))
    returning c.id
)
select track, phone_key as phone from ours;
