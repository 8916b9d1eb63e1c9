-- The operations, newest first; with :'operation' that one alone.
select id, at, who, verb, reason, n, summary, undoes, undone_by
from seqconsole.operations
where :'operation'::bigint is null or id = :'operation'::bigint
order by id desc
limit :'limit'::int;
