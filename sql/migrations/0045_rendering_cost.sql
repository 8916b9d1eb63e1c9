-- locks: none on the operator's tables.
-- Rendering as before (0035), at a fraction of the cost: what is plain already is not cleaned, what no text asks for is not
-- read, and nothing is planned anew at each call.

-- A value on its way into a text: one line, nothing invisible, no braces. NULL: there is none.
create or replace function seqconsole.plain_value(value text) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
begin
    if value is null or value ~ '^[!-z]+( [!-z]+)*$' then   -- plain already, as most are
        return left(value, 200);
    end if;
    return nullif(btrim(regexp_replace(regexp_replace(regexp_replace(
               left(value, 200),
               '[\u0001-\u0020\u007F-\u00A0\u1680\u2000-\u200A\u2028\u2029\u202F\u205F\u3000]+', ' ', 'g'),
               '[\u00AD\u034F\u061C\u115F\u1160\u17B4\u17B5\u180B-\u180F\u200B\u200E\u200F\u202A-\u202E\u2060-\u206F\u3164\uFEFF\uFFA0\uFFF9-\uFFFC\U000E0000-\U000E0FFF{}]',
               '', 'g'),
               '(?<![^\u0001-\u007F])[\u200C\u200D]+|[\u200C\u200D]+(?![^\u0001-\u007F])', '', 'g')), '');
end
$$;

-- A name as a greeting says it. Phone books number their entries ("Aqil 1", "2. Aqil"): such numbers go. What still holds
-- a digit, a link, no letter, or more than a name has, is none: NULL.
create or replace function seqconsole.greeting_name(name text) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
declare
    said text := seqconsole.plain_value(name);
    nobody constant text[] := '{"null",none,nil,undefined,nan,n/a,na,unknown,no name,test}';
begin
    if said ~ '^[A-Za-z]+( [A-Za-z]+)*$' and length(said) <= 60 then
        return case when lower(said) <> all(nobody) then said end;
    end if;
    if said is null or length(said) > 60 or length(name) > 200
       or said ~* '(https?:|www\.|://|@|\.(com|net|org|my|id|io|me|ly|link|info|biz|co|app|shop|xyz)(\M|/))' then
        return null;
    end if;
    said := regexp_replace(said, '[][*_~`<>|\\"]+', ' ', 'g');
    said := regexp_replace(said, '^[#(\s]*[0-9]+[\s.):,/-]+', '');
    said := regexp_replace(said, '([\s#(.,:/-]*[0-9]+[\s).#]*)+$', '');
    said := btrim(regexp_replace(said, '\s+', ' ', 'g'), ' ,;:#(/-');
    if said ~ '[0-9\u0660-\u0669\u06F0-\u06F9\u0966-\u096F\uFF10-\uFF19]'
       or said !~ '[A-Za-z\u00C0-\u1FFF\u2C00-\u2DFF\u3040-\uD7FF\uF900-\uFDFF\uFE70-\uFEFC\uFF21-\uFFDC\U00010000-\U0001EFFF\U00020000-\U0003FFFF]'
       or lower(said) = any(nobody) then
        return null;
    end if;
    return said;
end
$$;

-- The text with its values. A value that is NULL takes the fallback, then what stands under `|name`; where even that is
-- missing or the word is none of the fields', `problem` says so and there is no text. An empty value takes the blank before it along.
create or replace function seqconsole.fill_in(content text, fields jsonb, out text text, out problem text)
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
declare
    spot record;
    value text;
begin
    text := content;
    if position('{' in content) = 0 or content is null then
        return;
    end if;
    text := regexp_replace(content, '\{\{([^{}]*)\}\}', '{\1}', 'g');
    for spot in   -- as in placeholders(), which would be planned anew at each call
        select m[1] as token, lower(btrim(m[2])) as name, m[3] as fallback
        from regexp_matches(text, '(\{[ \t]*([^][{}|"'':;,.<>()\s][^{}|"\n]{0,63})(?:\|([^{}]*))?\})', 'g') as m
    loop
        value := coalesce(seqconsole.plain_value(fields ->> spot.name),
                          regexp_replace(spot.fallback, '[\u0001-\u001F\u007F]+', ' ', 'g'), fields ->> ('|' || spot.name));
        if position('|' in spot.fallback) > 0 then
            problem := format('%s offers several texts: a placeholder is {column|fallback}', spot.token);
        elsif not fields ? spot.name then
            problem := format('%s is no column of this contact', spot.token);
        elsif value is null then
            problem := format('%s has no value for this contact, and no fallback', spot.token);
        elsif btrim(value) = '' then
            text := replace(replace(replace(replace(text, ' ' || spot.token, ''),
                            spot.token || ', ', ''), spot.token || ' ', ''), spot.token, '');
        else
            text := replace(text, spot.token, value);
        end if;
        if problem is not null then
            text := null;
            return;
        end if;
    end loop;
end
$$;

-- The text of one person in one sequence (NULL: a message of none).
create or replace function seqconsole.render(content text, sequence_id uuid, person text, name text, out text text, out problem text)
language plpgsql stable parallel safe
set search_path = pg_catalog
as $$
declare
    said text;
    fields jsonb := '{}';
    without text;
begin
    text := content;
    if content is null or position('{' in content) = 0 then
        return;
    end if;
    said := seqconsole.greeting_name(name);
    if said is null then
        select s.value #>> '{}' into without
        from seqconsole.settings s
        where s.name = 'name_fallback' and (s.scope = 'sequence' and s.key = render.sequence_id::text or s.scope = 'default' and s.key = '')
        order by s.scope desc
        limit 1;
    end if;
    if sequence_id is not null and content ~* '\{[ \t]*(?!(?:name|first_name|phone)[ \t]*[|}])[^{]' then
        select coalesce(jsonb_object_agg(s.name, null), '{}') into fields
        from seqconsole.settings s
        where s.scope = 'column' and s.key = render.sequence_id::text;
        fields := fields || coalesce((select e.fields from seqconsole.enrolments e
                                       where e.sequence_id = render.sequence_id
                                         and e.phone_key = (render.person collate "C") and e.run = 1), '{}');
    end if;
    fields := fields || jsonb_build_object(
        'name', said, '|name', coalesce(without, ''), 'first_name', split_part(said, ' ', 1), '|first_name', coalesce(without, ''),
        'phone', person);
    select f.text, f.problem into text, problem from seqconsole.fill_in(content, fields) f;
end
$$;
