-- What decides whether the engine may be switched on.
select coalesce(seqconsole.setting('engine'), 'off') as engine, coalesce(seqconsole.setting('timezone'), '') as timezone,
       (select f.since from seqconsole.findings f
         where f.kind = 'another sender' and f.since > :'now'::timestamptz - interval '10 minutes'
         order by f.since desc limit 1) as another_sender_at;
