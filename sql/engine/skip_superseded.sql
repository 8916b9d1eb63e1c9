-- Another sender has sent what our queue still holds for the same person and step: ours is not sent any more.
-- Rows that another session holds are not waited for: what it sent goes on the feed again.
with sent as materialized (
    select x.id as theirs, d.message_id, d.contact_id, d.settled_at
    from broadcast_messages x
    join seqconsole.deliveries d
      on d.phone_key = (seqconsole.phone_key(x.recipient_phone) collate "C") and d.step_id = x.sequence_stepid
    where x.id = any(:'ids'::uuid[]) and d.outcome = 's' and d.evidence = 'h' and d.message_id <> x.id
),
message as materialized (
    select m.id from broadcast_messages m
    where m.id = any(array(select s.message_id from sent s)) and lower(m.status::text) = 'pending'
    order by m.id
    for no key update skip locked
),
contact as materialized (
    select c.id from sequence_contacts c
    where c.id = any(array(select s.contact_id from sent s)) and c.status::text = 'active'
    order by c.id
    for no key update skip locked
),
skipped as (
    update broadcast_messages m
    set status = 'skipped', error_message = 'sent by another sender', updated_at = :'now'::timestamptz
    where m.id = any(array(select x.id from message x))
),
completed as (
    update sequence_contacts c
    set status = 'completed', completed_at = coalesce(c.completed_at::timestamptz, s.settled_at)
    from sent s
    where c.id = any(array(select x.id from contact x)) and c.id = s.contact_id
)
insert into seqconsole.changes (at, kind, ids)
select :'now'::timestamptz, 'messages', array_agg(distinct s.theirs)
from sent s
where exists (select 1 from broadcast_messages m
              where m.id = s.message_id and lower(m.status::text) = 'pending' and m.id not in (select id from message))
   or exists (select 1 from sequence_contacts c
              where c.id = s.contact_id and c.status::text = 'active' and c.id not in (select id from contact))
having count(*) > 0;
