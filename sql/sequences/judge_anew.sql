-- Each open track of these sequences is judged anew by the engine, in portions: what counts for them was set otherwise.
insert into seqconsole.changes (at, kind, ids)
select :'now'::timestamptz, 'sequences', :'sequences'::uuid[]
where cardinality(:'sequences'::uuid[]) > 0;
