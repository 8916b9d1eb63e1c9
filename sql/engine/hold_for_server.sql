-- Another server answers, or the same one since another start: a moment for all workers to compare their journals with
-- it. Once for each start of a server.
insert into seqconsole.holds as h (scope, key, holder, reason, until, since)
values ('all', '', 'failover', 'the database server changed: workers compare their journals with it',
        :'now'::timestamptz + interval '2 seconds', :'now'::timestamptz)
on conflict (scope, key, holder) do update
set reason = excluded.reason, until = excluded.until, since = excluded.since
where h.until < :'now'::timestamptz and h.since < :'started'::timestamptz;
