-- The units of an operation that no undo has restored, in portions. A walk over the index by unit and a probe of it for
-- each, never a join or a sort: those would read the whole operation with every portion.
with recursive walk (unit) as (
    (select r.unit from seqconsole.operation_rows r
      where r.operation_id = :'operation'::bigint and r.unit > :'after'
      order by r.unit limit 1)
    union all
    select (select r.unit from seqconsole.operation_rows r
             where r.operation_id = :'operation'::bigint and r.unit > walk.unit
             order by r.unit limit 1)
    from walk
    where walk.unit is not null
)
select w.unit
from walk w
where w.unit is not null
  and (select 1 from seqconsole.operation_rows x
        where x.operation_id = any(array(select u.id from seqconsole.operations u where u.undoes = :'operation'::bigint))
          and x.unit = w.unit
        limit 1) is null
limit :'limit'::int;
