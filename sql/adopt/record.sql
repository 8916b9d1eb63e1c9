insert into seqconsole.migrations (number, name, checksum) values (:'number'::int, :'name', :'checksum');
