-- locks: none on the operator's tables.
-- The states of DESIGN 4 as the counters know them; anything else counts as other.

create function seqconsole.contact_state(status text) returns text
language sql immutable parallel safe
as $$
    select case when lower(status) in ('pending', 'active', 'completed', 'failed', 'skipped')
                then lower(status) else 'other' end
$$;

create function seqconsole.message_state(status text) returns text
language sql immutable parallel safe
as $$
    select case when lower(status) in ('pending', 'sending', 'sent', 'failed', 'unknown', 'skipped')
                then lower(status) else 'other' end
$$;

create function seqconsole.setting(name text) returns text
language sql stable parallel safe
set search_path = pg_catalog
as $$
    select s.value #>> '{}' from seqconsole.settings s
    where s.scope = 'database' and s.key = '' and s.name = setting.name
$$;

grant execute on function seqconsole.contact_state(text), seqconsole.message_state(text) to public;
