-- What decides whether the engine may be switched on. Another sender is known by its finding, or by the feed where
-- nobody has read it yet (its entries carry the server's own clock).
select coalesce(seqconsole.setting('engine'), 'off') as engine, coalesce(seqconsole.setting('timezone'), '') as timezone,
       case when exists (select 1 from seqconsole.changes c
                         where c.kind = 'another sender' and c.at > clock_timestamp() - interval '10 minutes')
            then :'now'::timestamptz
            else (select max(f.since) from seqconsole.findings f
                   where f.kind = 'another sender' and f.since > :'now'::timestamptz - interval '10 minutes')
       end as another_sender_at;
