-- Messages and contact rows, by id, that no other session holds. Returned: those that one does hold, which are not waited for.
with message as materialized (
    select m.id from broadcast_messages m where m.id = any(:'messages'::uuid[]) order by m.id for update of m skip locked
),
contact as materialized (
    select c.id from sequence_contacts c where c.id = any(:'contacts'::uuid[]) order by c.id for update of c skip locked
)
select m.id from broadcast_messages m where m.id = any(:'messages'::uuid[]) and m.id not in (select id from message)
union all
select c.id from sequence_contacts c where c.id = any(:'contacts'::uuid[]) and c.id not in (select id from contact);
