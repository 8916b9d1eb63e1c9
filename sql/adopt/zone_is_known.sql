-- Is it a zone that this server knows?
select exists (select 1 from pg_timezone_names where name = :'timezone') as found;
