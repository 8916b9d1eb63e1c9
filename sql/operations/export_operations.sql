-- The journal for an export, the oldest first, a page at a time.
select id, at, who, verb, reason, n, summary, target, undoes, undone_by
from seqconsole.operations
where id > :'after'::bigint and (:'operation'::bigint is null or id = :'operation'::bigint)
order by id
limit :'limit'::int;
