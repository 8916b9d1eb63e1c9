-- The units of an operation that no undo has restored, in portions. A probe of the index for each, never a join: that
-- would read all that was undone before, with every portion.
select distinct r.unit
from seqconsole.operation_rows r
where r.operation_id = :'operation'::bigint and r.unit > :'after'
  and (select 1 from seqconsole.operation_rows x
        where x.operation_id = any(array(select u.id from seqconsole.operations u where u.undoes = :'operation'::bigint))
          and x.unit = r.unit
        limit 1) is null
order by r.unit
limit :'limit'::int;
