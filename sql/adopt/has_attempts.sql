-- Has an engine of ours worked here?
select exists (select 1 from seqconsole.attempts) as found;
