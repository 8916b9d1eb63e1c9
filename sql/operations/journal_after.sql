-- After-images of the columns that an operation has written.
update seqconsole.operation_rows r
set after = i.image
from seqconsole.images(:'rel'::text::regclass, :'ids'::uuid[], :'columns'::text[]) i
where r.operation_id = :'operation'::bigint and r.rel = :'rel' and r.row_id = i.id::text;
