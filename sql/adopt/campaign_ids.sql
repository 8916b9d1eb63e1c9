-- Of these messages, those that belong to no step.
select m.id from broadcast_messages m
where m.id = any(:'ids'::uuid[]) and m.sequence_stepid is null;
