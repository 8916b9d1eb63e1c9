-- DESIGN 10.6: a row that an operation removed is gone until the operation is undone, and back when it was.
select r.operation_id, r.rel, r.row_id, o.undone_by
from seqconsole.operation_rows r
join seqconsole.operations o on o.id = r.operation_id
left join sequence_contacts c on c.id::text = r.row_id
where r.rel = 'sequence_contacts' and r.before is not null and r.after is null
  and o.undone_by is null and c.id is not null
  and not exists (select 1 from seqconsole.operation_rows later
                  where later.rel = r.rel and later.row_id = r.row_id and later.operation_id > r.operation_id);
