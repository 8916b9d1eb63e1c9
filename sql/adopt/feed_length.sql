-- Entries of the feed that wait to be read.
select count(*) from seqconsole.changes;
