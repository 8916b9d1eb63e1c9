-- The operator declares the zone of naive timestamps (DESIGN 3).
update seqconsole.settings set value = to_jsonb(:'timezone'::text)
where scope = 'database' and key = '' and name = 'timezone'
returning name;
