-- The rows and queued messages of enrolments; what another session holds is not waited for: its units are returned.
with unit as materialized (
    select r.unit, split_part(r.unit, '|', 1)::uuid as track, split_part(r.unit, '|', 2) collate "C" as phone_key
    from seqconsole.operation_rows r
    where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.enrolments' and r.unit = any(:'units'::text[])
),
queued as materialized (
    select u.unit, d.message_id as id
    from unit u
    join sequence_steps s on s.sequence_id = u.track
    join seqconsole.deliveries d on d.step_id = s.id and d.phone_key = u.phone_key and d.run = 1 and d.outcome is null
),
message as materialized (
    select m.id from broadcast_messages m where m.id in (select id from queued) order by m.id for update of m skip locked
),
row as materialized (
    select u.unit, c.id
    from unit u
    join sequence_contacts c on c.sequence_id = u.track and seqconsole.phone_key(c.contact_phone) = u.phone_key
),
contact as materialized (
    select c.id from sequence_contacts c where c.id in (select id from row) order by c.id for update of c skip locked
)
select unit from queued where id not in (select id from message) and id in (select m.id from broadcast_messages m)
union
select unit from row where id not in (select id from contact);
