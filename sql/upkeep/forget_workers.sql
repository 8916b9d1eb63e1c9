-- Engines that have been silent for a day.
delete from seqconsole.workers where ticked_at < :'now'::timestamptz - interval '1 day';
