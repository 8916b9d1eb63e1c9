-- locks: none on the operator's tables.
-- What the journal keeps of some units of an operation: a probe of the index by unit for each. A plan made from counts
-- that are not yet taken reads all rows of the operation instead, and a large undo grows with the square of its size.
create function seqconsole.rows_of(operation bigint, units text[]) returns setof seqconsole.operation_rows
language sql stable rows 1000
as $$
    select r.*
    from unnest(units) as u(unit)
    cross join lateral (   -- OFFSET 0: never a join over the whole operation
        select * from seqconsole.operation_rows o where o.operation_id = operation and o.unit = u.unit offset 0
    ) r
$$;
