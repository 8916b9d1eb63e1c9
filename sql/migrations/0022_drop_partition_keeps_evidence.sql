-- locks: none on the operator's tables.
-- A day of attempts is dropped by whoever may execute this, so it is the function that keeps the proof: of what is
-- being sent or in doubt, and of whatever a window still counts.
create or replace function seqconsole.drop_partition(day date) returns void
language plpgsql security definer
set search_path = pg_catalog
set lock_timeout = '200ms'
as $$
declare
    ends constant timestamptz := (day + 1)::timestamp at time zone 'UTC';
begin
    if day > (seqconsole.now() at time zone 'UTC')::date - 2
       or ends > seqconsole.now() - coalesce((select max(d.send_window) from seqconsole.devices d), interval '0') then
        raise exception 'attempts of % are not history yet', day using errcode = 'check_violation';
    end if;
    if exists (select 1
                 from seqconsole.progress p
                where p.state in ('s', 'u')
                  and p.claimed_at >= day::timestamp at time zone 'UTC' and p.claimed_at < ends) then
        raise exception 'attempts of % are the proof of what is being sent or in doubt', day
            using errcode = 'check_violation';
    end if;
    execute format('drop table seqconsole.%I', 'attempts_' || to_char(day, 'YYYYMMDD'));
end
$$;
