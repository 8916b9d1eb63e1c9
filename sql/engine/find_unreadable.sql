-- A change of another writer that could not be followed: nothing is swallowed.
insert into seqconsole.findings (kind, key, ids, detail, since, version)
values ('unreadable change', :'change'::text, :'ids'::uuid[], jsonb_build_object('why', :'why'::text),
        :'now'::timestamptz, nextval('seqconsole.version'))
on conflict (kind, key) do nothing;
