-- Which kinds of findings the engine has recorded here, duplicates aside.
select distinct kind from seqconsole.findings where kind <> 'duplicate' order by kind;
