-- Roles for seqconsole, to be granted to the logins of people and programs. Run it after `migrate`, as often as you like,
-- as a role with CREATEROLE to whom the owner of the tables was granted with admin option (no superuser is needed):
--     psql -v schema=public -f sql/roles.sql        or        seqconsole roles | psql
-- Then, for example:  grant seqconsole_operator to ana;  grant seqconsole_worker to sender;
--   viewer    looks: selects, and nothing else. The database refuses the rest.
--   operator  looks, and does every operation of console and command line; does not migrate, does not send.
--   worker    runs the engine: schedules, claims, settles, and keeps days of attempts. Also for `console --engine`,
--             together with operator.
--   migrator  runs `migrate`. It must be a member of the role that owns the operator's tables; where this script may not
--             grant that (run by that owner itself, it may not), it says so: then the owner migrates.
-- :'schema' is where the operator's tables are.
select set_config('seqconsole.schema', :'schema', false);

do $roles$
declare
    place constant text := quote_ident(current_setting('seqconsole.schema'));
    name text;
    rel text;
    owner name;
begin
    foreach name in array array['seqconsole_viewer', 'seqconsole_operator', 'seqconsole_worker', 'seqconsole_migrator'] loop
        if not exists (select 1 from pg_catalog.pg_roles where rolname = name) then
            execute format('create role %I nologin', name);
        end if;
        execute format('grant usage on schema seqconsole, %s to %I', place, name);
        execute format('grant select on all tables in schema seqconsole to %I', name);
        foreach rel in array array['user_devices', 'sequences', 'sequence_steps', 'sequence_contacts',
                                   'broadcast_messages', 'leads'] loop
            if to_regclass(place || '.' || rel) is not null then
                execute format('grant select on %s.%s to %I', place, rel, name);
            end if;
        end loop;
    end loop;

    -- both sides of the work: what is open, what was sent, what holds it, and what changed
    foreach name in array array['seqconsole_operator', 'seqconsole_worker'] loop
        execute format('grant insert, update, delete on seqconsole.progress, seqconsole.deliveries, seqconsole.holds, '
                       'seqconsole.findings, seqconsole.devices, seqconsole.changes, '
                       'seqconsole.counters, seqconsole.receipts, seqconsole.replies to %I', name);
        execute format('grant insert, update on seqconsole.operations, seqconsole.operation_rows to %I', name);
        execute format('grant usage on all sequences in schema seqconsole to %I', name);
        execute format('grant update on %s.sequence_contacts, %s.broadcast_messages to %I', place, place, name);
    end loop;

    -- the operator: switch and limits; settles what is in doubt, archives and brings back rows, orders steps
    grant insert, update, delete on seqconsole.settings to seqconsole_operator;
    revoke insert, update, delete on seqconsole.settings from seqconsole_worker;
    grant update on seqconsole.attempts to seqconsole_operator;
    execute format('grant insert, delete on %s.sequence_contacts to seqconsole_operator', place);
    execute format('grant update on %s.sequence_steps to seqconsole_operator', place);

    execute format('grant insert, update, delete on %s.sequences to seqconsole_operator', place);
    execute format('grant insert, delete on %s.sequence_steps to seqconsole_operator', place);

    -- and lets people in: stages them, notes how they came, takes a word from a lead
    grant insert, update, delete on seqconsole.enrolments, seqconsole.arrivals to seqconsole_operator;
    if to_regclass(place || '.leads') is not null then
        execute format('grant update on %s.leads to seqconsole_operator', place);
    end if;

    -- the worker: queues, tries, says that it is there; an operation of its own is the failover of a lost device
    grant insert, update, delete on seqconsole.attempts, seqconsole.attempts_default, seqconsole.workers,
        seqconsole.engine_runs, seqconsole.alarms_told to seqconsole_worker;
    execute format('grant insert on %s.broadcast_messages to seqconsole_worker', place);
    grant execute on function seqconsole.make_partitions(date, int), seqconsole.drop_partition(date),
        seqconsole.note_recount(timestamptz) to seqconsole_worker;

    -- the migrator: a schema of its own, and what belongs to the owner of the tables
    execute format('grant create on database %I to seqconsole_migrator', current_database());
    for owner in
        select distinct c.relowner::regrole::name
        from pg_catalog.pg_class c
        where c.oid in (to_regclass(place || '.sequence_contacts'), to_regclass(place || '.broadcast_messages'),
                        to_regclass('seqconsole.migrations'))
    loop
        if pg_has_role('seqconsole_migrator', owner, 'member') then
            continue;
        elsif (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = owner) then
            raise notice '% is a superuser: give the tables to another owner before migrate runs without one', owner;
        else
            begin
                execute format('grant %I to seqconsole_migrator', owner);
            exception when insufficient_privilege or invalid_grant_operation then
                raise notice 'to migrate, run as somebody who may: grant % to seqconsole_migrator', owner;
            end;
        end if;
    end loop;
end
$roles$;
