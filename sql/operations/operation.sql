-- One operation.
select id, at, who, verb, reason, summary, n, target::text as target, undoes, undone_by
from seqconsole.operations where id = :'id'::bigint;
