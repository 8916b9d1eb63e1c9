-- Steps whose validity is over are skipped, queued or not; their tracks are returned to be derived anew.
with late as materialized (
    select p.track, p.phone_key, p.run, p.step_id, p.message_id, p.contact_id
    from seqconsole.progress p
    where p.state in ('w', 'r') and p.expires_at <= :'now'::timestamptz
    order by p.expires_at
    limit :'limit'::int
    for update skip locked
),
message as (
    update broadcast_messages m
    set status = 'skipped', error_message = 'expired', updated_at = :'now'::timestamptz
    from late
    where m.id = late.message_id and m.status::text = 'pending'
    returning m.id
),
ledger as (
    update seqconsole.deliveries d
    set outcome = 'k', settled_at = :'now'::timestamptz
    from late
    join message on message.id = late.message_id
    where d.phone_key = late.phone_key and d.step_id = late.step_id and d.run = late.run and d.message_id = late.message_id
    returning d.message_id
),
contact as (
    update sequence_contacts c
    set status = 'skipped', last_error = 'expired'
    from late
    where c.id = late.contact_id and lower(c.status::text) in ('pending', 'active')
      and (late.message_id is null or late.message_id in (select id from message))
    returning c.id
)
select track, phone_key as phone from late;
