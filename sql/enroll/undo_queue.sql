-- What is queued of enrolments that are taken back leaves the queue; nothing of it was tried.
with unit as materialized (
    select split_part(u, '|', 1)::uuid as track, split_part(u, '|', 2) collate "C" as phone_key
    from unnest(:'units'::text[]) as u
),
step as materialized (
    select s.id, s.sequence_id from sequence_steps s where s.sequence_id in (select u.track from unit u)
),
open as materialized (
    select d.phone_key, d.step_id
    from unit u
    cross join lateral (   -- OFFSET 0: a probe of the index for each, whatever the estimates
        select d.phone_key, d.step_id
        from seqconsole.deliveries d
        where d.phone_key = u.phone_key and d.step_id = any(array(select s.id from step s where s.sequence_id = u.track))
          and d.run = 1 and d.outcome is null
        offset 0
    ) d
),
ledger as materialized (
    delete from seqconsole.deliveries d
    where d.phone_key = any(array(select o.phone_key from open o)) and d.run = 1 and d.outcome is null
      and (d.phone_key, d.step_id) in (select o.phone_key, o.step_id from open o)
    returning d.message_id
)
update broadcast_messages m
set status = 'skipped', error_message = 'its enrolment was taken back', updated_at = :'now'::timestamptz
where m.id = any(array(select l.message_id from ledger l)) and lower(m.status::text) = 'pending';
