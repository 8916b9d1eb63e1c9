-- The drawn database's clock, so far after its frozen moment.
update seqconsole.settings set value = to_jsonb(:'offset'::text)
where scope = 'database' and key = '' and name = 'clock_offset';
