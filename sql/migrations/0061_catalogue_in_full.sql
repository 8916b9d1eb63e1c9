-- locks: SHARE ROW EXCLUSIVE on user_devices, sequences and sequence_steps for milliseconds (triggers are added; reads go on).
-- A device or sequence that gets another id is also one that is gone; and so are all that an emptied table held.
create or replace function seqconsole.catalogue_changed() returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    insert into seqconsole.changes (at, kind, ids)
    values (clock_timestamp(), tg_argv[0],
            case tg_op when 'DELETE' then array[old.id] when 'INSERT' then array[new.id]
                       else case when old.id = new.id then array[new.id] else array[old.id, new.id] end end);
    return null;
exception when others then
    raise warning 'seqconsole: a change to % was not recorded (%); run seqconsole migrate', tg_table_name, sqlerrm;
    return null;
end
$$;

-- What the engine knew of an emptied table: its devices, or the sequences that anybody has a row in.
create function seqconsole.catalogue_truncated() returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    known uuid[];
begin
    if tg_argv[0] = 'devices' then
        known := array(select d.device_id from seqconsole.devices d);
    else
        known := array(select distinct c.key from seqconsole.counters c where c.scope = 'step');
    end if;
    insert into seqconsole.changes (at, kind, ids) values (clock_timestamp(), tg_argv[0], known);
    return null;
exception when others then
    raise warning 'seqconsole: a change to % was not recorded (%); run seqconsole migrate', tg_table_name, sqlerrm;
    return null;
end
$$;
revoke execute on function seqconsole.catalogue_truncated() from public;

create trigger seqconsole_feed_truncate after truncate on user_devices
    for each statement execute function seqconsole.catalogue_truncated('devices');
create trigger seqconsole_feed_truncate after truncate on sequences
    for each statement execute function seqconsole.catalogue_truncated('sequences');
create trigger seqconsole_feed_truncate after truncate on sequence_steps
    for each statement execute function seqconsole.catalogue_truncated('sequences');
