-- Before-images of the columns that an operation is about to write.
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, u.unit, :'rel', u.id::text, i.image, i.image
from unnest(:'units'::text[], :'ids'::uuid[]) as u(unit, id)
join seqconsole.images(:'rel'::text::regclass, :'ids'::uuid[], :'columns'::text[]) i on i.id = u.id;
