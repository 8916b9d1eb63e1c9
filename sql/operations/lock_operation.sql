-- One operation, so that two consoles do not undo it at the same time.
select id, at, who, verb, reason, summary, n, target::text as target, undoes, undone_by
from seqconsole.operations where id = :'id'::bigint for update;
