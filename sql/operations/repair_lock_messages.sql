-- Repairs, second lock: the messages, by id; those that another session holds are left out.
select m.id from broadcast_messages m where m.id = any(:'ids'::uuid[]) order by m.id for update of m skip locked;
