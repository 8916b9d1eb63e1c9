-- The operator declares the zone of naive timestamps (DESIGN 3). Returns a row where that changes it.
update seqconsole.settings
set value = to_jsonb(:'timezone'::text)
where scope = 'database' and key = '' and name = 'timezone' and value <> to_jsonb(:'timezone'::text)
returning name;
