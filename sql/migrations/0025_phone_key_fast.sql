-- locks: none on the operator's tables.
-- The phone key of this database's country, as before, at half the cost: a number of digits alone, or with a plus,
-- blanks or hyphens, is judged at once. All others go through phone_key(phone, country), which stays the definition.
do $do$
declare
    country constant text := coalesce(seqconsole.setting('country'), '');
    trunk constant text := case when country ~ '^[1-9][0-9]{0,2}$' then country || '0' else 'none' end;
begin
    execute format($f$
        create or replace function seqconsole.phone_key(phone text) returns text
        language plpgsql immutable parallel safe
        set search_path = pg_catalog
        as $body$
        declare
            bare constant text collate "C" := translate(phone, ' -', '');
        begin
            if bare ~ '^\+?[1-9][0-9]{6,13}$' and length(phone) <= 64 and not starts_with(ltrim(bare, '+'), %L) then
                return ltrim(bare, '+');
            end if;
            return seqconsole.phone_key(phone, %L);
        end
        $body$
    $f$, trunk, country);
end $do$;
