-- Written columns back to what they were.
select seqconsole.restore_columns(:'rel'::text::regclass, array_agg(r.row_id::uuid order by r.row_id),
                                  array_agg(r.before order by r.row_id))
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
where r.rel = :'rel'
  and r.after is not null;
