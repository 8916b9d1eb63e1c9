-- The last line of a batch.
select coalesce(max(a.line), 0) as line from seqconsole.arrivals a where a.batch = :'batch'::uuid;
