-- Another sender has sent what our queue still holds for the same person and step: ours is not sent any more.
with sent as (
    select d.message_id, d.contact_id, d.settled_at
    from broadcast_messages x
    join seqconsole.deliveries d
      on d.phone_key = (seqconsole.phone_key(x.recipient_phone) collate "C") and d.step_id = x.sequence_stepid
    where x.id = any(:'ids'::uuid[]) and d.outcome = 's' and d.evidence = 'h' and d.message_id <> x.id
),
skipped as (
    update broadcast_messages m
    set status = 'skipped', error_message = 'sent by another sender', updated_at = :'now'::timestamptz
    from sent
    where m.id = sent.message_id and lower(m.status::text) = 'pending'
    returning m.id
),
completed as (
    update sequence_contacts c
    set status = 'completed', completed_at = coalesce(c.completed_at::timestamptz, sent.settled_at)
    from sent
    where c.id = sent.contact_id and c.status::text = 'active'
    returning c.id
)
select count(*) from skipped, completed;
