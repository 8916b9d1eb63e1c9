-- Rows that other writers touched while the tables were read, from the feed; they stay on it.
select c.id, c.ids
from seqconsole.changes c
where c.kind = :'kind' and c.id > :'after'::bigint and cardinality(c.ids) > 0
order by c.id
limit :'limit'::int;
