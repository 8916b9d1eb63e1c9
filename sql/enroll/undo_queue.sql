-- What is queued of enrolments that are taken back leaves the queue; nothing of it was tried.
with unit as materialized (
    select split_part(u, '|', 1)::uuid as track, split_part(u, '|', 2) collate "C" as phone_key
    from unnest(:'units'::text[]) as u
),
ledger as (
    delete from seqconsole.deliveries d
    using unit u, sequence_steps s
    where s.sequence_id = u.track and d.step_id = s.id and d.phone_key = u.phone_key and d.run = 1 and d.outcome is null
    returning d.message_id
)
update broadcast_messages m
set status = 'skipped', error_message = 'its enrolment was taken back', updated_at = :'now'::timestamptz
from ledger l
where m.id = l.message_id and lower(m.status::text) = 'pending';
