-- The open duplicate groups.
select key from seqconsole.findings where kind = 'duplicate' order by key;
