-- Engines that have been silent for a day, and when engines were at work before the last year.
with old_runs as (
    delete from seqconsole.engine_runs where ended < :'now'::timestamptz - interval '1 year'
)
delete from seqconsole.workers where ticked_at < :'now'::timestamptz - interval '1 day';
