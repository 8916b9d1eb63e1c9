-- With a cap per person, claims take turns: what another one claimed is seen before this one looks.
select pg_advisory_xact_lock(1584203521, 5) where seqconsole.person_gap() is not null;
