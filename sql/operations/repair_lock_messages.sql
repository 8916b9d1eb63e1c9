-- Repairs, second lock: the messages, by id.
select m.id from broadcast_messages m where m.id = any(:'ids'::uuid[]) order by m.id for update of m;
