-- The type of a lead's id; NULL: there is no table of leads.
select a.atttypid::regtype::text
from pg_attribute a
where a.attrelid = to_regclass('leads') and a.attname = 'id';
