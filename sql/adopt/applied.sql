-- The migrations that were applied.
select number, name, checksum from seqconsole.migrations order by number;
