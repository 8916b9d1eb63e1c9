-- The declared zone of the database (DESIGN 3); empty until the operator declares it.
select seqconsole.setting('timezone') as zone;
