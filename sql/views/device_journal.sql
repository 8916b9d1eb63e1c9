-- The operations that name a device, as what they act on or as what takes over, newest first.
select id, at, who, verb, reason, n, summary, undoes, undone_by
from seqconsole.operations
where target @> jsonb_build_object('keys', jsonb_build_array(:'device'::uuid::text))
   or target @> jsonb_build_object('to', jsonb_build_array(:'device'::uuid::text))
   or target @> jsonb_build_object('key', :'device'::uuid::text)
order by id desc
limit :'limit'::int;
