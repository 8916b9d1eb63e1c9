-- The counters were recounted now; an engine may write no other setting.
select seqconsole.note_recount(:'now'::timestamptz);
