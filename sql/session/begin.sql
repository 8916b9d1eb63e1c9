-- What a transaction needs and a pooled connection must not keep (DESIGN 3): zone, tables, limits, who writes.
select set_config('TimeZone', :'zone', true),
       set_config('search_path', :'schema', true),
       set_config('seqconsole.writer', :'writer', true),
       set_config('statement_timeout', :'statement_timeout', true),
       set_config('lock_timeout', :'lock_timeout', true),
       set_config('jit', 'off', true);
