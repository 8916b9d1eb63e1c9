-- locks: none on the operator's tables.
-- The guard of DESIGN 4, as before; and a message that we never tried (it came in doubt from another application) is
-- settled by the operator: the journal and the ledger keep that word, there is no attempt to keep it on.
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
    if not coalesce(tried, false)
       and coalesce(current_setting('seqconsole.writer', true), '') in ('', 'operator') then
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
