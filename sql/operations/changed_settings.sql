-- Settings that no longer are as the operation left them.
select distinct r.unit
from seqconsole.operation_rows r
cross join lateral json_populate_record(null::seqconsole.settings, coalesce(r.after, r.before)) a
left join seqconsole.settings s on s.scope = a.scope and s.key = a.key and s.name = a.name
where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.settings' and r.unit = any(:'units'::text[])
  and case when r.after is null then s.name is not null
           else (s.value, s.operation_id) is distinct from (coalesce(a.value, 'null'), a.operation_id) end;
