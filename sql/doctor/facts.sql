-- What this database is, by its catalogue alone: may our settings be read, and which time is it.
select coalesce(has_table_privilege(to_regclass('seqconsole.settings'), 'select')
                and has_table_privilege(to_regclass('seqconsole.findings'), 'select')
                and to_regprocedure('seqconsole.setting(text)') is not null, false) as ours,
       clock_timestamp() as now;
