-- What another writer did that the operator must hear of.
insert into seqconsole.findings (kind, key, ids, detail, since, version)
select :'kind', coalesce((:'ids'::uuid[])[1]::text, ''), :'ids'::uuid[], :'detail'::jsonb, :'now'::timestamptz,
       nextval('seqconsole.version')
on conflict (kind, key) do update
set detail = excluded.detail, since = excluded.since, version = excluded.version;
