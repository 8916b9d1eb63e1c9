-- What this database declares of itself.
select seqconsole.setting('timezone') as zone, seqconsole.setting('country') as country, seqconsole.now() as now;
