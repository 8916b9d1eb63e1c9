-- How many duplicate groups are open.
select count(*) from seqconsole.findings where kind = 'duplicate';
