-- A migrator's own direct connection: zone, tables, a bounded wait for each lock but none for a statement (an index
-- takes as long as it takes), and memory to build indexes with.
select set_config('TimeZone', 'UTC', false),
       set_config('search_path', :'schema', false),
       set_config('lock_timeout', '500ms', false),
       set_config('statement_timeout', '0', false),
       set_config('maintenance_work_mem',
                  greatest(pg_size_bytes(current_setting('maintenance_work_mem')) / 1024, 262144)::text || 'kB', false);
