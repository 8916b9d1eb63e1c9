-- locks: none on the operator's tables.
-- Attempts are kept by day. A worker asks for the coming days now and then; what has no day of its own yet
-- goes to the default partition.
create function seqconsole.make_partitions(from_day date, days int) returns int
language plpgsql security definer
set search_path = pg_catalog
as $$
declare
    made int := 0;
    day date;
    name text;
begin
    for i in 0 .. days - 1 loop
        day := from_day + i;
        name := 'attempts_' || to_char(day, 'YYYYMMDD');
        if to_regclass('seqconsole.' || name) is null
           and not exists (select 1 from seqconsole.attempts_default
                            where claimed_at >= day::timestamp at time zone 'UTC'
                              and claimed_at < (day + 1)::timestamp at time zone 'UTC') then
            execute format(
                'create table seqconsole.%I partition of seqconsole.attempts for values from (%L) to (%L)',
                name, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
            made := made + 1;
        end if;
    end loop;
    return made;
end
$$;
select seqconsole.make_partitions((seqconsole.now() at time zone 'UTC')::date - 1, 8);
