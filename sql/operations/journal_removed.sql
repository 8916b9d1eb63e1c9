-- The archive: rows that are about to be removed, whole.
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, u.unit, :'rel', u.id::text, i.image, null
from unnest(:'units'::text[], :'ids'::uuid[]) as u(unit, id)
join seqconsole.images(:'rel'::text::regclass, :'ids'::uuid[]) i on i.id = u.id;
