-- locks: none on the operator's tables.
-- The throttle in full and fairness (DESIGN 5): daily cap, quiet hours in the device's zone, warm-up, validity of a
-- step, holds that leave known contacts alone. What is set stands in settings; devices holds what is in force.

alter table seqconsole.devices
    add column daily_cap int check (daily_cap >= 0),
    add column day date,
    add column day_sent int not null default 0,
    add column quiet_from time,
    add column quiet_to time check ((quiet_from is null) = (quiet_to is null)),
    add column zone text not null default 'UTC',
    add column warm_from timestamptz,
    add column warm_days int[] not null default '{}',
    add column warm_limits int[] not null default '{}' check (cardinality(warm_days) = cardinality(warm_limits));
create index devices_host on seqconsole.devices (host);

alter table seqconsole.progress add column expires_at timestamptz;
create index progress_expiry on seqconsole.progress (expires_at) where expires_at is not null and state in ('w', 'r');
create index holds_cold on seqconsole.holds (scope, key) where cold_only;
create index progress_cold on seqconsole.progress (device_id) where gate = 'cold';

-- The end of the quiet hours that an instant lies in, or NULL. A local time that does not exist, or exists twice, is
-- one instant, the one that AT TIME ZONE names: quiet hours begin and end once a day.
create function seqconsole.quiet_until(at timestamptz, zone text, quiet_from time, quiet_to time) returns timestamptz
language sql immutable parallel safe
as $$
    select max(q.ends)
    from (
        select (d + quiet_from) at time zone zone as starts,
               (case when quiet_from < quiet_to then d else d + 1 end + quiet_to) at time zone zone as ends
        from (values ((at at time zone zone)::date - 1), ((at at time zone zone)::date)) v (d)
    ) q
    where quiet_from <> quiet_to and at >= q.starts and at < q.ends
$$;

-- The sends a window that a device may make at an instant: its limit, or less while it warms up.
create function seqconsole.limit_at(
    send_limit int, warm_from timestamptz, warm_days int[], warm_limits int[], at timestamptz) returns int
language sql immutable parallel safe
as $$
    select case when warm_from is null or warm_days = '{}' then send_limit
           else least(send_limit, (select w.most from unnest(warm_days, warm_limits) as w (days, most)
                                    where at < warm_from + make_interval(hours => 24 * w.days)
                                    order by w.days limit 1)) end
$$;

-- The earliest instant from `at` on at which window, daily cap and quiet hours are open together; the ring is sorted.
create function seqconsole.throttle_opens(
    at timestamptz, ring timestamptz[], send_limit int, send_window interval,
    warm_from timestamptz, warm_days int[], warm_limits int[],
    daily_cap int, day date, day_sent int, quiet_from time, quiet_to time, zone text) returns timestamptz
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
declare
    t timestamptz := at;
    before timestamptz;
    most int;
    place int;
begin
    if at = 'infinity' or daily_cap = 0 then
        return 'infinity';
    end if;
    for i in 1 .. 20 loop
        before := t;
        most := seqconsole.limit_at(send_limit, warm_from, warm_days, warm_limits, t);
        if most <= 0 then
            return 'infinity';
        end if;
        place := cardinality(ring) - most + 1;
        if place >= 1 then
            t := greatest(t, ring[place] + send_window);
        end if;
        if daily_cap is not null and day >= (t at time zone zone)::date and day_sent >= daily_cap then
            t := greatest(t, (day + 1)::timestamp at time zone zone);
        end if;
        if quiet_from is not null then
            t := coalesce(seqconsole.quiet_until(t, zone, quiet_from, quiet_to), t);
        end if;
        exit when t = before;
    end loop;
    return t;
end
$$;

-- Changed limits count at once: the next slot is planned anew, unless a message is in flight (settle plans it then).
create function seqconsole.limits_changed() returns trigger
language plpgsql
set search_path = pg_catalog
as $$
declare
    instant constant timestamptz := seqconsole.now();
begin
    if cardinality(new.ring) = 0 or new.ring[cardinality(new.ring)] <= instant then
        new.slot_at := seqconsole.throttle_opens(
            greatest(instant, least(old.slot_at, coalesce(old.last_sent_at + new.gap_max, instant))),
            new.ring, new.send_limit, new.send_window, new.warm_from, new.warm_days, new.warm_limits,
            new.daily_cap, new.day, new.day_sent, new.quiet_from, new.quiet_to, new.zone);
    end if;
    return new;
end
$$;
create trigger limits_changed before update of send_limit, send_window, warm_from, warm_days, warm_limits, daily_cap,
    quiet_from, quiet_to, zone on seqconsole.devices
    for each row when ((old.send_limit, old.send_window, old.warm_from, old.warm_days, old.warm_limits, old.daily_cap,
                        old.quiet_from, old.quiet_to, old.zone)
                       is distinct from
                       (new.send_limit, new.send_window, new.warm_from, new.warm_days, new.warm_limits, new.daily_cap,
                        new.quiet_from, new.quiet_to, new.zone))
    execute function seqconsole.limits_changed();

-- A setting of a device, else of its user, else the default; a JSON null means none and hides the wider ones.
create function seqconsole.limit_setting(device uuid, owner uuid, name text) returns text
language sql stable parallel safe
set search_path = pg_catalog
as $$
    select coalesce(
        (select s.value from seqconsole.settings s
          where s.scope = 'device' and s.key = device::text and s.name = limit_setting.name),
        (select s.value from seqconsole.settings s
          where s.scope = 'user' and s.key = owner::text and s.name = limit_setting.name),
        (select s.value from seqconsole.settings s
          where s.scope = 'default' and s.key = '' and s.name = limit_setting.name)) #>> '{}'
$$;

-- Text of a setting as what it should be, NULL where it is not: no setting may stop the engine.
create function seqconsole.as_interval(given text) returns interval
language plpgsql stable parallel safe
set search_path = pg_catalog
as $$
begin
    return given::interval;
exception when others then
    return null;
end
$$;

create function seqconsole.as_instant(given text) returns timestamptz
language plpgsql stable parallel safe
set search_path = pg_catalog
as $$
begin
    return given::timestamptz;
exception when others then
    return null;
end
$$;

create function seqconsole.as_zone(given text) returns text
language plpgsql stable parallel safe
set search_path = pg_catalog
as $$
begin
    perform timestamptz '2000-01-01 00:00+00' at time zone given;
    return nullif(given, '');
exception when others then
    return null;
end
$$;

-- One message a person in this long, over all sequences; NULL: no such cap.
create function seqconsole.person_gap() returns interval
language sql stable parallel safe
set search_path = pg_catalog
as $$
    select seqconsole.as_interval(s.value #>> '{}')
    from seqconsole.settings s
    where s.scope = 'default' and s.key = '' and s.name = 'person_gap'
$$;

-- When this person may have the next message: after the last one that went out, and not while another is in flight
-- or in doubt. An index probe by person each.
create function seqconsole.person_free_at(
    person text, message uuid, gap interval, lease interval, instant timestamptz) returns timestamptz
language sql stable parallel safe
as $$
    select greatest(
        instant,
        (select max(d.settled_at) + gap from seqconsole.deliveries d
          where d.phone_key = (person collate "C") and d.outcome = 's'),
        (select max(case p.state when 's' then p.at else p.claimed_at + lease + gap end) from seqconsole.progress p
          where p.phone_key = (person collate "C") and p.state in ('s', 'u') and p.message_id <> message))
$$;

-- The guard of DESIGN 4, as before, but with the attempts of the message by their index: ordered by time and limited
-- to one, they were looked for among all attempts from the newest on.
create or replace function seqconsole.guard_message() returns trigger
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    recorded text;
    tried boolean;
begin
    select (array_agg(a.outcome order by a.claimed_at desc))[1], count(*) > 0 into recorded, tried
    from seqconsole.attempts a
    where a.message_id = old.id;
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
