-- locks: SHARE ROW EXCLUSIVE on the operator's tables for milliseconds (triggers are added; reads go on).
-- The change feed (DESIGN 3 and 5): every statement on the operator's tables, whoever makes it, appends what it
-- did to the counters; another writer's also appends the rows it touched. Nothing else: the roll-up does the work.
-- SECURITY DEFINER, so that another application needs no right on our schema; an error of ours is never theirs.
-- A writer of ours sets seqconsole.writer in its transaction.

create function seqconsole.feed(kind text, ids uuid[], tracks uuid[], phones text[], delta jsonb) returns void
language plpgsql
set search_path = pg_catalog
as $$
declare
    size constant int := 1000;
begin
    if coalesce(current_setting('seqconsole.writer', true), '') <> '' then
        ids := '{}'; tracks := '{}'; phones := '{}';
    end if;
    if jsonb_array_length(delta) > 0 then
        insert into seqconsole.changes (at, kind, delta) values (clock_timestamp(), 'counters', delta);
    end if;
    insert into seqconsole.changes (at, kind, ids, tracks, phones)
    select clock_timestamp(), kind, ids[i + 1 : i + size], tracks[i + 1 : i + size], phones[i + 1 : i + size]
    from generate_series(0, cardinality(ids) - 1, size) as i;
end
$$;

create function seqconsole.contacts_changed() returns trigger
language plpgsql security definer
set search_path from current
as $$
declare
    nil constant uuid := '00000000-0000-0000-0000-000000000000';
    touched record;
    delta jsonb;
begin
    if tg_op = 'INSERT' then
        select array_agg(id) ids, array_agg(sequence_id) tracks, array_agg(seqconsole.phone_key(contact_phone)) phones
          into touched from new_rows;
        select jsonb_agg(jsonb_build_array('step', key, step, state, n)) into delta
        from (select coalesce(sequence_id, nil) key, coalesce(sequence_stepid, nil) step,
                     seqconsole.contact_state(status::text) state, count(*) n
              from new_rows group by 1, 2, 3) d;
    elsif tg_op = 'DELETE' then
        select array_agg(id) ids, array_agg(sequence_id) tracks, array_agg(seqconsole.phone_key(contact_phone)) phones
          into touched from old_rows;
        select jsonb_agg(jsonb_build_array('step', key, step, state, n)) into delta
        from (select coalesce(sequence_id, nil) key, coalesce(sequence_stepid, nil) step,
                     seqconsole.contact_state(status::text) state, -count(*) n
              from old_rows group by 1, 2, 3) d;
    else
        select array_agg(id) ids, array_agg(sequence_id) tracks, array_agg(seqconsole.phone_key(contact_phone)) phones
          into touched
        from (select id, sequence_id, contact_phone from new_rows
              union
              select id, sequence_id, contact_phone from old_rows) u;
        select jsonb_agg(jsonb_build_array('step', key, step, state, n)) into delta
        from (select coalesce(sequence_id, nil) key, coalesce(sequence_stepid, nil) step,
                     seqconsole.contact_state(status::text) state, sum(sign) n
              from (select sequence_id, sequence_stepid, status::text, 1 sign from new_rows
                    union all
                    select sequence_id, sequence_stepid, status::text, -1 from old_rows) b
              group by 1, 2, 3 having sum(sign) <> 0) d;
    end if;
    if touched.ids is not null then
        perform seqconsole.feed('contacts', touched.ids, touched.tracks, touched.phones, coalesce(delta, '[]'));
    end if;
    return null;
exception when others then
    if coalesce(current_setting('seqconsole.writer', true), '') <> '' then
        raise;
    end if;
    raise warning 'seqconsole: a change to % was not recorded (%); run seqconsole migrate', tg_table_name, sqlerrm;
    return null;
end
$$;

create function seqconsole.messages_changed() returns trigger
language plpgsql security definer
set search_path from current
as $$
declare
    nil constant uuid := '00000000-0000-0000-0000-000000000000';
    touched record;
    delta jsonb;
    foreign_sends int := 0;
begin
    if tg_op = 'INSERT' then
        select array_agg(id) ids, array_agg(sequence_id) tracks, array_agg(seqconsole.phone_key(recipient_phone)) phones
          into touched from new_rows;
        select jsonb_agg(jsonb_build_array('device', key, nil, state, n)) into delta
        from (select coalesce(device_id, nil) key, seqconsole.message_state(status::text) state, count(*) n
              from new_rows group by 1, 2) d;
    elsif tg_op = 'DELETE' then
        select array_agg(id) ids, array_agg(sequence_id) tracks, array_agg(seqconsole.phone_key(recipient_phone)) phones
          into touched from old_rows;
        select jsonb_agg(jsonb_build_array('device', key, nil, state, n)) into delta
        from (select coalesce(device_id, nil) key, seqconsole.message_state(status::text) state, -count(*) n
              from old_rows group by 1, 2) d;
    else
        select array_agg(id) ids, array_agg(sequence_id) tracks, array_agg(seqconsole.phone_key(recipient_phone)) phones
          into touched
        from (select id, sequence_id, recipient_phone from new_rows
              union
              select id, sequence_id, recipient_phone from old_rows) u;
        select jsonb_agg(jsonb_build_array('device', key, nil, state, n)) into delta
        from (select coalesce(device_id, nil) key, seqconsole.message_state(status::text) state, sum(sign) n
              from (select device_id, status::text, 1 sign from new_rows
                    union all
                    select device_id, status::text, -1 from old_rows) b
              group by 1, 2 having sum(sign) <> 0) d;
        if coalesce(current_setting('seqconsole.writer', true), '') = '' then
            select count(*) into foreign_sends
            from new_rows n join old_rows o using (id)
            where lower(n.status::text) in ('sending', 'sent', 'success', 'delivered')
              and n.status::text is distinct from o.status::text;
        end if;
    end if;
    if touched.ids is not null then
        perform seqconsole.feed('messages', touched.ids, touched.tracks, touched.phones, coalesce(delta, '[]'));
    end if;
    if foreign_sends > 0 then
        insert into seqconsole.changes (at, kind, detail)
        values (clock_timestamp(), 'another sender', jsonb_build_object('rows', foreign_sends, 'role', session_user));
    end if;
    return null;
exception when others then
    if coalesce(current_setting('seqconsole.writer', true), '') <> '' then
        raise;
    end if;
    raise warning 'seqconsole: a change to % was not recorded (%); run seqconsole migrate', tg_table_name, sqlerrm;
    return null;
end
$$;

-- Devices, sequences and steps: few rows, rarely changed; only their ids are needed.
create function seqconsole.catalogue_changed() returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    insert into seqconsole.changes (at, kind, ids)
    values (clock_timestamp(), tg_argv[0], case when tg_op = 'DELETE' then array[old.id] else array[new.id] end);
    return null;
exception when others then
    raise warning 'seqconsole: a change to % was not recorded (%); run seqconsole migrate', tg_table_name, sqlerrm;
    return null;
end
$$;

create function seqconsole.step_changed() returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    insert into seqconsole.changes (at, kind, ids)
    values (clock_timestamp(), 'sequences',
            case tg_op when 'DELETE' then array[old.sequence_id] when 'INSERT' then array[new.sequence_id]
                       else array[old.sequence_id, new.sequence_id] end);
    return null;
exception when others then
    raise warning 'seqconsole: a change to % was not recorded (%); run seqconsole migrate', tg_table_name, sqlerrm;
    return null;
end
$$;

-- An emptied table: everything that was derived from it is derived again.
create function seqconsole.table_truncated() returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
begin
    insert into seqconsole.changes (at, kind) values (clock_timestamp(), 'truncated');
    return null;
exception when others then
    raise warning 'seqconsole: a change to % was not recorded (%); run seqconsole migrate', tg_table_name, sqlerrm;
    return null;
end
$$;

-- The guard of DESIGN 4: a message leaves sending or unknown only after the outcome of its attempt is recorded.
-- Ours: anything else raises. Another writer: the old status stays, the write succeeds, a finding is recorded.
create function seqconsole.guard_message() returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    recorded text;
    tried boolean;
begin
    select a.outcome, true into recorded, tried
    from seqconsole.attempts a
    where a.message_id = old.id
    order by a.claimed_at desc
    limit 1;
    if not coalesce(tried, false) and coalesce(current_setting('seqconsole.writer', true), '') = '' then
        return new;
    end if;
    if new.status::text = (case recorded
            when 'sent' then 'sent' when 'failed' then 'failed' when 'unknown' then 'unknown'
            when 'retry' then 'pending' when 'never_sent' then 'pending' end) then
        return new;
    end if;
    if coalesce(current_setting('seqconsole.writer', true), '') <> '' then
        raise exception 'message % may not go from % to %: the outcome of its attempt is %',
            old.id, old.status, new.status, coalesce(recorded, 'not recorded')
            using errcode = 'check_violation';
    end if;
    insert into seqconsole.changes (at, kind, ids, detail)
    values (clock_timestamp(), 'foreign edit', array[old.id],
            jsonb_build_object('kept', old.status::text, 'refused', new.status::text, 'role', session_user));
    new.status := old.status;
    return new;
end
$$;

create trigger seqconsole_feed_insert after insert on sequence_contacts
    referencing new table as new_rows for each statement execute function seqconsole.contacts_changed();
create trigger seqconsole_feed_update after update on sequence_contacts
    referencing old table as old_rows new table as new_rows
    for each statement execute function seqconsole.contacts_changed();
create trigger seqconsole_feed_delete after delete on sequence_contacts
    referencing old table as old_rows for each statement execute function seqconsole.contacts_changed();

create trigger seqconsole_feed_insert after insert on broadcast_messages
    referencing new table as new_rows for each statement execute function seqconsole.messages_changed();
create trigger seqconsole_feed_update after update on broadcast_messages
    referencing old table as old_rows new table as new_rows
    for each statement execute function seqconsole.messages_changed();
create trigger seqconsole_feed_delete after delete on broadcast_messages
    referencing old table as old_rows for each statement execute function seqconsole.messages_changed();
create trigger seqconsole_guard before update of status on broadcast_messages
    for each row when (old.status::text in ('sending', 'unknown') and old.status is distinct from new.status)
    execute function seqconsole.guard_message();

create trigger seqconsole_feed_truncate after truncate on sequence_contacts
    for each statement execute function seqconsole.table_truncated();
create trigger seqconsole_feed_truncate after truncate on broadcast_messages
    for each statement execute function seqconsole.table_truncated();

create trigger seqconsole_feed after insert or delete on user_devices
    for each row execute function seqconsole.catalogue_changed('devices');
create trigger seqconsole_feed_update after update on user_devices
    for each row when ((old.id, old.user_id, old.min_delay_seconds, old.max_delay_seconds)
                       is distinct from (new.id, new.user_id, new.min_delay_seconds, new.max_delay_seconds))
    execute function seqconsole.catalogue_changed('devices');
create trigger seqconsole_feed after insert or delete on sequences
    for each row execute function seqconsole.catalogue_changed('sequences');
create trigger seqconsole_feed_update after update on sequences
    for each row when ((old.id, old.status, old.is_active) is distinct from (new.id, new.status, new.is_active))
    execute function seqconsole.catalogue_changed('sequences');
create trigger seqconsole_feed after insert or delete on sequence_steps
    for each row execute function seqconsole.step_changed();
create trigger seqconsole_feed_update after update on sequence_steps
    for each row when ((old.id, old.sequence_id, old.day_number, old.trigger_delay_hours)
                       is distinct from (new.id, new.sequence_id, new.day_number, new.trigger_delay_hours))
    execute function seqconsole.step_changed();
