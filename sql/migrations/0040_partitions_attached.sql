-- locks: none on the operator's tables.
-- A day's partition is made apart and then attached: making it in place locks all attempts exclusively, behind
-- whoever reads them, and two sessions that did so with a reader between them were a deadlock.
create or replace function seqconsole.make_partitions(from_day date, days int) returns int
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    made int := 0;
    day record;
begin
    -- key 4: upkeep, one session at a time; what another one is making now is not made twice
    if not pg_try_advisory_xact_lock(1584203521, 4) then
        return 0;
    end if;
    for day in
        select 'attempts_' || to_char(d.day, 'YYYYMMDD') as name,
               d.day::timestamp at time zone 'UTC' as starts,
               (d.day + 1)::timestamp at time zone 'UTC' as ends
        from (select from_day + i as day from generate_series(0, days - 1) as i) d
        where to_regclass('seqconsole.attempts_' || to_char(d.day, 'YYYYMMDD')) is null
    loop
        if exists (select 1 from seqconsole.attempts_default
                    where claimed_at >= day.starts and claimed_at < day.ends) then
            continue;
        end if;
        execute format('create table seqconsole.%I (like seqconsole.attempts including defaults including constraints)',
                       day.name);
        execute format('alter table seqconsole.attempts attach partition seqconsole.%I for values from (%L) to (%L)',
                       day.name, day.starts, day.ends);
        made := made + 1;
    end loop;
    return made;
end
$$;
