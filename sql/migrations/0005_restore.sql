-- locks: none on the operator's tables.
-- Images of rows, and putting them back exactly (undo, DESIGN 6), whatever other columns the operator's table has.
-- An image holds each column as the text of its type, under settings that do not depend on the session, so that it
-- reads back to the same bytes (json, numeric, float, both kinds of timestamp, arrays). Generated columns are left out.

create function seqconsole.images(rel regclass, ids uuid[], columns text[] default null)
returns table (id uuid, image json)
language plpgsql stable
set search_path = pg_catalog
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set lc_monetary = 'C'
as $$
declare
    names text;
    texts text;
begin
    select string_agg(quote_literal(a.attname), ', ' order by a.attnum),
           string_agg(format('t.%I::text', a.attname), ', ' order by a.attnum)
      into names, texts
    from pg_attribute a
    where a.attrelid = rel and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      and (columns is null or a.attname = any(columns));
    return query execute format(
        'select t.id, json_object(array[%s]::text[], array[%s]::text[]) from %s t where t.id = any($1)',
        names, texts, rel)
    using ids;
end
$$;

-- Insert removed rows again. All images name the same columns; a column that is gone is an error, not a loss.
create function seqconsole.restore_rows(rel regclass, images json[]) returns int
language plpgsql
set search_path = pg_catalog
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set lc_monetary = 'C'
as $$
declare
    changed int;
    names text;
    texts text;
    lost text;
begin
    if coalesce(cardinality(images), 0) = 0 then
        return 0;
    end if;
    select string_agg(quote_ident(k.name), ', ' order by a.attnum),
           string_agg(format('(i.image ->> %L)::%s', k.name, format_type(a.atttypid, a.atttypmod)), ', '
                      order by a.attnum),
           string_agg(quote_ident(k.name), ', ') filter (where a.attname is null or a.attgenerated <> '')
      into names, texts, lost
    from json_object_keys(images[1]) as k(name)
    left join pg_attribute a
      on a.attrelid = rel and a.attname = k.name and a.attnum > 0 and not a.attisdropped;
    if lost is not null then
        raise undefined_column using message = format('%s no longer has the column %s', rel, lost);
    end if;
    execute format(
        'insert into %s (%s) overriding system value select %s from unnest($1) as i(image)', rel, names, texts)
    using images;
    get diagnostics changed = row_count;
    return changed;
end
$$;

-- Give rows back the columns that their images hold. All images name the same columns.
create function seqconsole.restore_columns(rel regclass, ids uuid[], images json[]) returns int
language plpgsql
set search_path = pg_catalog
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set lc_monetary = 'C'
as $$
declare
    changed int;
    pairs text;
begin
    if coalesce(cardinality(images), 0) = 0 then
        return 0;
    end if;
    select string_agg(format('%I = (i.image ->> %L)::%s', a.attname, a.attname, format_type(a.atttypid, a.atttypmod)),
                      ', ')
      into pairs
    from json_object_keys(images[1]) as k(name)
    join pg_attribute a on a.attrelid = rel and a.attname = k.name and a.attnum > 0 and not a.attisdropped;
    execute format('update %s t set %s from unnest($1, $2) as i(id, image) where t.id = i.id', rel, pairs)
    using ids, images;
    get diagnostics changed = row_count;
    return changed;
end
$$;

-- Which rows no longer are as their images, and in which columns; {id} for a row that is gone.
create function seqconsole.differing(rel regclass, ids uuid[], images json[])
returns table (id uuid, columns text[])
language plpgsql stable
set search_path = pg_catalog
set timezone = 'UTC'
set datestyle = 'ISO'
set intervalstyle = 'postgres'
set extra_float_digits = 1
set bytea_output = 'hex'
set lc_monetary = 'C'
as $$
declare
    tests text;
begin
    if coalesce(cardinality(images), 0) = 0 then
        return;
    end if;
    select string_agg(format('case when t.%I::text is distinct from i.image ->> %L then %L end',
                             k.name, k.name, k.name), ', ')
      into tests
    from json_object_keys(images[1]) as k(name);
    return query execute format(
        'select x.id, x.columns
         from (select i.id, case when t.id is null then array[''id''] else array_remove(array[%s]::text[], null) end
                      as columns
               from unnest($1, $2) as i(id, image) left join %s t on t.id = i.id) x
         where x.columns <> ''{}''',
        tests, rel)
    using ids, images;
end
$$;

-- Which of these rows other rows point at by a foreign key, and from where.
create function seqconsole.referenced(rel regclass, ids uuid[])
returns table (id uuid, referenced_by text)
language plpgsql stable
set search_path = pg_catalog
as $$
declare
    key record;
begin
    for key in
        select c.conrelid::regclass::text as name,
               string_agg(format('r.%I = t.%I', a.attname, f.attname), ' and ') as pairs
        from pg_constraint c
        cross join lateral unnest(c.conkey, c.confkey) as k(own, other)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own
        join pg_attribute f on f.attrelid = c.confrelid and f.attnum = k.other
        where c.contype = 'f' and c.confrelid = rel and c.conparentid = 0
        group by c.oid, c.conrelid
        order by 1
    loop
        return query execute format(
            'select distinct t.id, %L::text from %s t join %s r on %s where t.id = any($1)',
            key.name, rel, key.name, key.pairs)
        using ids;
    end loop;
end
$$;
