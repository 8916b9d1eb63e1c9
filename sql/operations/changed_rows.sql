-- Rows of an operator's table that no longer are as the operation left them.
select r.unit, d.id, d.columns
from seqconsole.operation_rows r
join (
    select x.id, x.columns
    from (select array_agg(o.row_id::uuid order by o.row_id) as ids, array_agg(o.after order by o.row_id) as images
          from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) o
          where o.rel = :'rel'
            and o.after is not null) w,
    lateral seqconsole.differing(:'rel'::text::regclass, w.ids, w.images) x
) d on d.id::text = r.row_id
where r.operation_id = :'operation'::bigint and r.rel = :'rel';
