-- The units of an operation that no undo has restored, in portions.
select distinct r.unit
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.unit > :'after'
  and not exists (select 1 from seqconsole.operations u
                  join seqconsole.operation_rows x on x.operation_id = u.id and x.unit = r.unit
                  where u.undoes = :'operation'::bigint)
order by r.unit
limit :'limit'::int;
