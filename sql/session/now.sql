-- Read once in a transaction, after its locks.
select seqconsole.now() as now;
