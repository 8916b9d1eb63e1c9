-- locks: none on the operator's tables.
-- What runs with its owner's rights is nobody's to call, or to make a trigger of on a table of one's own: the change feed
-- could be filled by a stranger. Whoever writes to the operator's tables needs no right on a trigger's function
-- (PostgreSQL asks for it only when the trigger is made). phone_key stays PUBLIC: an index of theirs is made of it.
revoke execute on function seqconsole.contacts_changed(), seqconsole.messages_changed(), seqconsole.catalogue_changed(),
    seqconsole.step_changed(), seqconsole.table_truncated(), seqconsole.guard_message(),
    seqconsole.make_partitions(date, int), seqconsole.drop_partition(date) from public;

-- The only setting that an engine writes; the others (switch, limits, clock) are an operator's.
create function seqconsole.note_recount(at timestamptz) returns void
language sql security definer
set search_path = pg_catalog
as $$
    insert into seqconsole.settings (scope, name, value) values ('database', 'recounted_at', to_jsonb(at))
    on conflict (scope, key, name) do update set value = excluded.value;
$$;
revoke execute on function seqconsole.note_recount(timestamptz) from public;
