-- title: a pending contact row still carries a claim
-- means: Set back to pending without releasing it: whoever looks for unclaimed rows never takes it again.
-- needs: sequence_contacts(id, sequence_id, contact_phone, status, processing_started_at)
with
-- include: audit/sources/contacts
select count(*) over () as found, person as phone, sequence_id, step_id, claimed_by, claimed_at as since, array[id] as ids
from contacts
where status = 'pending' and (claimed_by is not null or claimed_at is not null)
  and coalesce(claimed_at, '-infinity') < :'now'::timestamptz - interval '1 hour'
order by claimed_at nulls first, id
limit :'examples'::int;
