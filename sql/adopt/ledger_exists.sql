select to_regclass('seqconsole.migrations') is not null as found;
