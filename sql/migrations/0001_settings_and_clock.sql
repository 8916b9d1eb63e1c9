-- locks: none on the operator's tables.
-- The schema, its settings, the clock, and the phone key (DESIGN 3).
-- :'country' is the country code for national phone numbers ('' = none configured).

create schema if not exists seqconsole;
grant usage on schema seqconsole to public;

create table seqconsole.settings (
    scope text not null,
    key text not null default '',
    name text not null,
    value jsonb not null,
    operation_id bigint,
    primary key (scope, key, name)
);

comment on table seqconsole.settings is
    'Scoped settings. scope = database | default | user | device | sequence; the narrowest wins.';

-- The only clock. Its offset counts only where the database carries the mark demo or test, and
-- only a test may freeze it: then the offset is counted from the frozen instant.
create function seqconsole.now() returns timestamptz
language sql stable parallel safe
set search_path = pg_catalog
as $$
    select coalesce(
        (select (s.value #>> '{}')::timestamptz from seqconsole.settings s
          where s.scope = 'database' and s.key = '' and s.name = 'clock_frozen'
            and exists (select 1 from seqconsole.settings m
                         where m.scope = 'database' and m.key = '' and m.name = 'mark'
                           and m.value #>> '{}' = 'test')),
        clock_timestamp())
      + coalesce(
        (select (s.value #>> '{}')::interval from seqconsole.settings s
          where s.scope = 'database' and s.key = '' and s.name = 'clock_offset'
            and exists (select 1 from seqconsole.settings m
                         where m.scope = 'database' and m.key = '' and m.name = 'mark'
                           and m.value #>> '{}' in ('demo', 'test'))),
        interval '0')
$$;

-- One person, one key: digits with country code and no sign; NULL for what can't be a phone
-- (groups, linked ids of 15 digits and more, letters, national numbers without a country).
-- It never raises: indexes of the operator's tables depend on it, and so do other writers' inserts.
create function seqconsole.phone_key(phone text, country text) returns text
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
declare
    bare text;
    digits text collate "C";
    has_country constant boolean := country collate "C" ~ '^[1-9][0-9]{0,2}$';
begin
    if phone is null or length(phone) > 64 then
        return null;
    elsif strpos(phone, '@') > 0 then
        digits := substring(phone collate "C"
            from '^\s*\+?([1-9][0-9]+)(?::[0-9]+)?@(?:s\.whatsapp\.net|c\.us)\s*$');
    else
        bare := translate(replace(phone, '(0)', ''),
                          E' \t\r\n-.()/\u00a0\u2010\u2011\u2013\u200e\u202a\u202c', '') collate "C";
        digits := case
            when bare collate "C" ~ '^\+[1-9][0-9]+$' then substr(bare, 2)
            when bare collate "C" ~ '^00[1-9][0-9]+$' then substr(bare, 3)
            when bare collate "C" ~ '^0[1-9][0-9]+$' and has_country then country || substr(bare, 2)
            when bare collate "C" ~ '^[1-9][0-9]+$' then bare
        end;
        -- "+60 012-345 6789": the trunk zero left behind the country code
        if has_country and starts_with(digits, country || '0') then
            digits := country || substr(digits, length(country) + 2);
        end if;
    end if;
    return case when digits collate "C" ~ '^[1-9][0-9]{6,13}$' then digits end;
end
$$;

-- The same with this database's country built in: what indexes and queries use.
select set_config('seqconsole.country', :'country', false);
do $do$ begin
    execute format($f$
        create function seqconsole.phone_key(phone text) returns text
        language plpgsql immutable parallel safe
        set search_path = pg_catalog
        as $body$ begin return seqconsole.phone_key(phone, %L); end $body$
    $f$, current_setting('seqconsole.country'));
end $do$;

grant execute on function seqconsole.phone_key(text), seqconsole.phone_key(text, text), seqconsole.now() to public;

insert into seqconsole.settings (scope, name, value) values
    ('database', 'country', to_jsonb(:'country'::text)),
    ('database', 'timezone', to_jsonb(:'timezone'::text)),
    ('database', 'engine', '"off"'),
    ('default', 'send_limit', '80'),
    ('default', 'send_window', '"1 hour"'),
    ('default', 'gap_min', '"5 seconds"'),
    ('default', 'gap_max', '"15 seconds"');
