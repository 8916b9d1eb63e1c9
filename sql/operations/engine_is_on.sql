-- Is the engine switched on?
select coalesce(seqconsole.setting('engine') = 'on', false) as found;
