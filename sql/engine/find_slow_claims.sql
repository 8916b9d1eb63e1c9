-- A worker whose claims are slow says so, and takes it back when they are not (slow NULL: it is well).
with well as (
    delete from seqconsole.findings f
    where f.kind = 'slow claims' and (f.key = :'worker'::text and :'slow'::float8 is null
                                      or f.since < :'now'::timestamptz - interval '1 day'
                                      or not exists (select 1 from seqconsole.workers w where w.id::text = f.key))
)
insert into seqconsole.findings (kind, key, detail, since, version)
select 'slow claims', :'worker'::text,
       jsonb_build_object('p99', :'slow'::float8, 'host', :'host'::text,
                          'alarm', format('claims are slow: p99 %s s on %s', round(:'slow'::numeric, 1), :'host'::text)),
       :'now'::timestamptz, nextval('seqconsole.version')
where :'slow'::float8 is not null
on conflict (kind, key) do update
set detail = excluded.detail, since = excluded.since, version = excluded.version;
