-- How people came in is forgotten; an earlier run is the one under way again.
with unit as materialized (
    select split_part(r.unit, '|', 1)::uuid as track, split_part(r.unit, '|', 2) collate "C" as phone_key,
           (r.after ->> 'earlier')::smallint as earlier
    from seqconsole.operation_rows r
    where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.enrolments' and r.unit = any(:'units'::text[])
),
ledger as (
    update seqconsole.deliveries d
    set run = 1
    from unit u
    join sequence_steps s on s.sequence_id = u.track
    where d.step_id = s.id and d.phone_key = u.phone_key and d.run = u.earlier
    returning d.message_id, u.earlier
),
tried as (
    update seqconsole.attempts t
    set run = 1
    from ledger l
    where t.message_id = l.message_id and t.run = l.earlier
)
delete from seqconsole.enrolments e
using unit u
where e.sequence_id = u.track and e.phone_key = u.phone_key and e.run = 1;
