-- Written columns back to what they were; what was added is removed elsewhere.
select seqconsole.restore_columns(:'rel'::text::regclass, array_agg(r.row_id::uuid order by r.row_id),
                                  array_agg(r.before order by r.row_id))
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = :'rel' and r.unit = any(:'units'::text[])
  and r.before is not null and r.after is not null;
