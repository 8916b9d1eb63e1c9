-- The messages that an operation wrote, of some of its units.
select r.row_id::uuid as id
from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
where r.rel = 'broadcast_messages'
order by r.row_id;
