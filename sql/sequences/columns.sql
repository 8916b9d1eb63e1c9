-- Columns that a sequence's texts may name.
select s.name from seqconsole.settings s where s.scope = 'column' and s.key = :'sequence'::uuid::text order by s.name;
