-- Findings about receipts that have healed: the message counts as sent now; a chat that somebody had a month to look at.
delete from seqconsole.findings f
where f.kind = 'delivered after all'
      and exists (select 1 from seqconsole.deliveries d where d.message_id = f.ids[1] and d.outcome = 's')
   or f.kind = 'nameless stop' and f.since < :'now'::timestamptz - interval '30 days';
