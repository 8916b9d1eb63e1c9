-- Was a message of this sequence tried since?
select exists (
    select 1 from seqconsole.attempts a
    where a.claimed_at > :'at'::timestamptz
      and a.step_id in (select s.id from sequence_steps s where s.sequence_id = :'sequence'::uuid)) as found;
