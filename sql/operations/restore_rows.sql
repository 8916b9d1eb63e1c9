-- Removed rows back from the archive.
select seqconsole.restore_rows(:'rel'::text::regclass, array_agg(r.before order by r.row_id))
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
where r.rel = :'rel' and r.after is null;
