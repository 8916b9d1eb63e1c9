-- A migrator's own direct connection: zone, tables, and a bounded wait for each lock.
select set_config('TimeZone', 'UTC', false),
       set_config('search_path', :'schema', false),
       set_config('lock_timeout', '5s', false);
