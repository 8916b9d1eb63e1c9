-- locks: none on the operator's tables.
-- Putting rows back exactly (undo, DESIGN 6), whatever other columns the operator's table has.
-- The caller has checked that the row still is as the operation left it.

create function seqconsole.restore_columns(rel regclass, row_id text, before json, columns text[]) returns int
language plpgsql
as $$
declare
    changed int;
begin
    execute format(
        'update %1$s t set (%2$s) = (select %2$s from json_populate_record(null::%1$s, $1)) where t.id::text = $2',
        rel,
        (select string_agg(quote_ident(c), ', ') from unnest(columns) c))
    using before, row_id;
    get diagnostics changed = row_count;
    return changed;
end
$$;

create function seqconsole.restore_row(rel regclass, before json) returns int
language plpgsql
as $$
declare
    changed int;
    names text;
begin
    select string_agg(quote_ident(a.attname), ', ' order by a.attnum) into names
    from pg_attribute a
    where a.attrelid = rel and a.attnum > 0 and not a.attisdropped and a.attgenerated = '';
    execute format(
        'insert into %1$s (%2$s) overriding system value select %2$s from json_populate_record(null::%1$s, $1)',
        rel, names)
    using before;
    get diagnostics changed = row_count;
    return changed;
end
$$;
