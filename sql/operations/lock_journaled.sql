-- Undo: the operator's rows that an operation wrote, by id. What another session holds is not waited for: its units are
-- returned.
with wanted as materialized (
    select r.unit, r.rel, r.row_id::uuid as id
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel in ('sequence_contacts', 'broadcast_messages') and r.after is not null
),
message as materialized (
    select m.id from broadcast_messages m
    where m.id = any(array(select w.id from wanted w where w.rel = 'broadcast_messages'))
    order by m.id
    for update of m skip locked
),
contact as materialized (
    select c.id from sequence_contacts c
    where c.id = any(array(select w.id from wanted w where w.rel = 'sequence_contacts'))
    order by c.id
    for update of c skip locked
)
select distinct w.unit
from wanted w
where w.rel = 'broadcast_messages' and w.id not in (select id from message)
      and exists (select 1 from broadcast_messages m where m.id = w.id)
   or w.rel = 'sequence_contacts' and w.id not in (select id from contact)
      and exists (select 1 from sequence_contacts c where c.id = w.id);
