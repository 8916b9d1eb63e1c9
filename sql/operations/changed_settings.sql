-- Settings that no longer are as the operation left them.
select distinct r.unit
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
cross join lateral json_populate_record(null::seqconsole.settings, coalesce(r.after, r.before)) a
left join seqconsole.settings s on s.scope = a.scope and s.key = a.key and s.name = a.name
where r.rel = 'seqconsole.settings'
  and case when r.after is null then s.name is not null
           else (s.value, s.operation_id) is distinct from (coalesce(a.value, 'null'), a.operation_id) end;
