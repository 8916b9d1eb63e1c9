-- The mark of a demo or test database: only there may the simulated gateway run (DESIGN 5).
select seqconsole.setting('mark') as mark;
