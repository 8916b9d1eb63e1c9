-- Settings that no longer are as the operation left them.
select distinct r.unit
from seqconsole.operation_rows r
cross join lateral json_populate_record(null::seqconsole.settings, r.after) a
left join seqconsole.settings s on s.scope = a.scope and s.key = a.key and s.name = a.name
where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.settings' and r.unit = any(:'units'::text[])
  and (s.value, s.operation_id) is distinct from (a.value, a.operation_id);
