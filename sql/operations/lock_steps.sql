-- The steps of a sequence, by id.
select s.id from sequence_steps s where s.sequence_id = :'sequence'::uuid order by s.id for update;
