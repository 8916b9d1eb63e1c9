-- Take the oldest entries of the feed. They are gone only if this transaction commits.
delete from seqconsole.changes
where id = any(array(select id from seqconsole.changes order by id limit :'limit'::int for update skip locked))
returning id, kind, ids, tracks, phones, delta::text as delta, detail::text as detail;
