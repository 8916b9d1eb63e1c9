-- The rows and queued messages of enrolments; what another session holds is not waited for: its units are returned.
with unit as materialized (
    select r.unit, split_part(r.unit, '|', 1)::uuid as track, split_part(r.unit, '|', 2) collate "C" as phone_key
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel = 'seqconsole.enrolments'
),
step as materialized (
    select s.id, s.sequence_id from sequence_steps s where s.sequence_id in (select u.track from unit u)
),
queued as materialized (
    select u.unit, d.message_id as id
    from unit u
    cross join lateral (   -- OFFSET 0 here and below: a probe of an index for each, whatever the estimates
        select d.message_id
        from seqconsole.deliveries d
        where d.phone_key = u.phone_key and d.step_id = any(array(select s.id from step s where s.sequence_id = u.track))
          and d.run = 1 and d.outcome is null
        offset 0
    ) d
),
message as materialized (
    select m.id from broadcast_messages m where m.id = any(array(select q.id from queued q)) order by m.id for update of m skip locked
),
row as materialized (
    select u.unit, c.id
    from unit u
    cross join lateral (
        select c.id from sequence_contacts c
        where c.sequence_id = u.track and seqconsole.phone_key(c.contact_phone) = u.phone_key
        offset 0
    ) c
),
contact as materialized (
    select c.id from sequence_contacts c where c.id = any(array(select r.id from row r)) order by c.id for update of c skip locked
)
select q.unit
from queued q
where q.id not in (select id from message) and (select 1 from broadcast_messages m where m.id = q.id limit 1) is not null
union
select r.unit from row r where r.id not in (select id from contact);
