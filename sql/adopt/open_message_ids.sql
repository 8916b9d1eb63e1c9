-- The next portion of messages that are not settled, by id.
select m.id from broadcast_messages m
where m.id > :'after'::uuid
  and coalesce(lower(m.status::text), '') <> all (array(
      select f.code from seqconsole.codes f
      where f.source = 'foreign' and f.meaning in ('sent', 'failed', 'skipped')))
order by m.id
limit :'limit'::int;
