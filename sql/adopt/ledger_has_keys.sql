-- Was the first migration, which makes the function of phone keys, applied?
select exists (select 1 from seqconsole.migrations where number = 1) as found;
