-- The steps of a sequence, by id; one that another session holds is not waited for.
select s.id from sequence_steps s where s.sequence_id = :'sequence'::uuid order by s.id for no key update nowait;
