-- A worker that ended in order, and those that have been silent for a day.
delete from seqconsole.workers
where id = :'worker'::uuid or ticked_at < :'now'::timestamptz - interval '1 day';
