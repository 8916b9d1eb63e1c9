-- Which of these ids are campaign messages: a message without a step is a track of its own.
select m.id from broadcast_messages m where m.id = any(:'ids'::uuid[]) and m.sequence_stepid is null;
