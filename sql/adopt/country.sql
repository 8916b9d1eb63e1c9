-- The country code that the phone keys of this database were made with.
select s.value #>> '{}' from seqconsole.settings s where s.scope = 'database' and s.key = '' and s.name = 'country';
