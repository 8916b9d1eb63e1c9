-- Rows that an operation wrote, and that are not as it left them.
select r.unit, d.id, d.columns
from seqconsole.operation_rows r
join (
    select x.id, x.columns
    from (select array_agg(o.row_id::uuid order by o.row_id) as ids, array_agg(o.after order by o.row_id) as images
          from seqconsole.operation_rows o
          where o.operation_id = :'operation'::bigint and o.rel = :'rel' and o.unit = any(:'units'::text[])
            and o.before is not null) w,
    lateral seqconsole.differing(:'rel'::text::regclass, w.ids, w.images) x
) d on d.id::text = r.row_id
where r.operation_id = :'operation'::bigint and r.rel = :'rel';
