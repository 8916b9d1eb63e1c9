-- locks: none on the operator's tables.
-- Hints, upkeep of attempts, and sends of another writer that arrive as new rows.

-- Wakes the engines at commit. A commit that notifies holds a lock of the whole server until it is durable, so at
-- most one transaction at a time carries a hint, and a session at most four a second: no commit waits for another.
-- A lost hint costs one poll. NOTIFY is refused in a prepared transaction, so where those are possible there is none.
create function seqconsole.hint() returns void
language plpgsql
set search_path = pg_catalog
as $$
declare
    second constant float8 := extract(epoch from clock_timestamp());
begin
    if second - coalesce(nullif(current_setting('seqconsole.hinted', true), ''), '0')::float8 between 0 and 0.25
       or current_setting('max_prepared_transactions') <> '0'
       or not pg_try_advisory_xact_lock(1584203521, 6) then
        return;
    end if;
    perform set_config('seqconsole.hinted', second::text, false);
    perform pg_notify('seqconsole', '');
end
$$;

create or replace function seqconsole.feed(kind text, ids uuid[], tracks uuid[], phones text[], delta jsonb) returns void
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
    if cardinality(ids) > 0 then
        perform seqconsole.hint();
    end if;
end
$$;

-- As before, and rows that another writer inserts as being sent, or as sent within the last window: an older row is
-- history that somebody loads.
create or replace function seqconsole.messages_changed() returns trigger
language plpgsql security definer
set search_path from current
as $$
declare
    nil constant uuid := '00000000-0000-0000-0000-000000000000';
    touched record;
    delta jsonb;
    foreign_sends int := 0;
    declared_zone text;
    window_start timestamptz;
begin
    if tg_op = 'INSERT' then
        select array_agg(id) ids, array_agg(sequence_id) tracks, array_agg(seqconsole.phone_key(recipient_phone)) phones
          into touched from new_rows;
        select jsonb_agg(jsonb_build_array('device', key, nil, state, n)) into delta
        from (select coalesce(device_id, nil) key, seqconsole.message_state(status::text) state, count(*) n
              from new_rows group by 1, 2) d;
        if coalesce(current_setting('seqconsole.writer', true), '') = ''
           and exists (select 1 from new_rows
                        where lower(new_rows.status::text) in ('sending', 'sent', 'success', 'delivered')) then
            declared_zone := coalesce(nullif(seqconsole.setting('timezone'), ''), 'UTC');
            window_start := seqconsole.now() - coalesce((select max(send_window) from seqconsole.devices), interval '1 hour');
            select count(*) into foreign_sends
            from new_rows n
            where lower(n.status::text) = 'sending'
               or lower(n.status::text) in ('sent', 'success', 'delivered')
                  and case when pg_typeof(n.sent_at) = 'timestamp'::regtype
                           then n.sent_at::timestamp at time zone declared_zone
                           else n.sent_at::timestamptz end > window_start;
        end if;
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

-- Drops the day's partition of attempts. Waits at most 200 ms for its locks (55P03): nobody queues behind it longer.
create function seqconsole.drop_partition(day date) returns void
language plpgsql security definer
set search_path = pg_catalog
set lock_timeout = '200ms'
as $$
begin
    if day > (seqconsole.now() at time zone 'UTC')::date - 2 then
        raise exception 'attempts of % are not history yet', day using errcode = 'check_violation';
    end if;
    execute format('drop table seqconsole.%I', 'attempts_' || to_char(day, 'YYYYMMDD'));
end
$$;
revoke execute on function seqconsole.drop_partition(date) from public;

insert into seqconsole.settings (scope, name, value) values ('default', 'attempts_retention', '"90 days"')
on conflict do nothing;

-- When a device will have sent `n` messages, the first of them not before `start`: an estimate under the limits of
-- now. Each send follows the one before it by `gap`, and the one `most` places before it in the ring by `send_window`.
-- infinity: never.
create function seqconsole.drained_at(
    n bigint, start timestamptz, ring timestamptz[], most int, send_window interval, gap interval,
    daily_cap int, day date, day_sent int, quiet_from time, quiet_to time, zone text) returns timestamptz
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
declare
    k constant int := cardinality(ring);
    here constant date := case when start <> 'infinity' then (start at time zone zone)::date end;
    today constant bigint := case when day >= here then day_sent else 0 end;
    day_long constant interval := '24 hours';
    place int;
    t timestamptz;
    quiet timestamptz;
    silence interval;
    rest float8;
    awake float8;
begin
    if n <= 0 then
        return null;
    elsif start = 'infinity' or most <= 0 or daily_cap = 0 then
        return 'infinity';
    end if;
    t := greatest(start + (n - 1) * gap, start + (n - 1) / most * send_window + (n - 1) % most * gap);
    if k > 0 and k + n > most then   -- from the latest entry that is the most windows away, and from the newest
        place := greatest(k - most + 1, 1);
        place := least(k, k + n - (k + n - place) / most * most);
        if (k + n - place) / most > 0 then
            t := greatest(t, ring[place] + (k + n - place) / most * send_window + (k + n - place) % most * gap);
        end if;
        if n >= most then
            t := greatest(t, ring[k] + n / most * send_window + n % most * gap);
        end if;
    end if;
    if quiet_from <> quiet_to then
        silence := quiet_to - quiet_from + case when quiet_to < quiet_from then day_long else interval '0' end;
        quiet := (here + quiet_from + case when here + quiet_from < start at time zone zone then day_long
                                           else interval '0' end) at time zone zone;
        if t > quiet then   -- what is left then is spread over the hours that are not quiet
            rest := extract(epoch from t - quiet);
            awake := extract(epoch from day_long - silence);
            t := quiet + silence + floor(rest / awake) * day_long + make_interval(secs => rest - floor(rest / awake) * awake);
        end if;
    end if;
    if daily_cap is not null and (today + n - 1) / daily_cap > 0 then
        quiet := (here + ((today + n - 1) / daily_cap)::int)::timestamp at time zone zone;
        quiet := coalesce(seqconsole.quiet_until(quiet, zone, quiet_from, quiet_to), quiet);
        t := greatest(t, quiet + (today + n - 1) % daily_cap * gap);
    end if;
    return t;
end
$$;
