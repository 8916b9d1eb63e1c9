-- The time between two messages of one person, or NULL.
select seqconsole.person_gap() as gap;
