-- The steps of a sequence in their order.
select s.id as id from sequence_steps s where s.sequence_id = :'sequence'::uuid order by s.day_number, s.id;
