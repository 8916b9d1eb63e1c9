-- How people came in is forgotten; an earlier run is the one under way again.
with unit as materialized (
    select split_part(r.unit, '|', 1)::uuid as track, split_part(r.unit, '|', 2) collate "C" as phone_key,
           (r.after ->> 'earlier')::smallint as earlier
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel = 'seqconsole.enrolments'
),
ledger as (
    update seqconsole.deliveries d
    set run = 1
    from unit u
    join sequence_steps s on s.sequence_id = u.track
    where u.earlier is not null
      and d.phone_key = any(array(select e.phone_key from unit e where e.earlier is not null))
      and d.step_id = s.id and d.phone_key = u.phone_key and d.run = u.earlier
    returning d.message_id, u.earlier
),
tried as (
    update seqconsole.attempts t
    set run = 1
    from ledger l
    where t.message_id = l.message_id and t.run = l.earlier
)
delete from seqconsole.enrolments e
where e.sequence_id = any(array(select distinct u.track from unit u))
  and e.phone_key = any(array(select u.phone_key from unit u)) and e.run = 1
  and (e.sequence_id, e.phone_key) in (select u.track, u.phone_key from unit u);
