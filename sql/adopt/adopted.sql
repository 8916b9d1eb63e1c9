-- Has this database been adopted: are ledger and open work filled?
select seqconsole.setting('adopted_at') is not null as found;
