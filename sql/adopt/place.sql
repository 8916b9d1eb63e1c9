-- Where a stage of the adoption goes on; NULL: at its beginning.
select s.value from seqconsole.settings s where s.scope = 'adoption' and s.key = '' and s.name = :'stage';
