-- Removed rows back from the archive.
select seqconsole.restore_rows(:'rel'::text::regclass, array_agg(r.before order by r.row_id))
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.rel = :'rel' and r.unit = any(:'units'::text[]) and r.after is null;
