-- A further batch of an operation that is already in the journal.
update seqconsole.operations
set n = n + :'n'::int, summary = :'summary'
where id = :'operation'::bigint;
