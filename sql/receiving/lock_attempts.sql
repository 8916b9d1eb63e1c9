-- The attempts behind these receipts, in order: what is read of them next is true until the end.
select a.id
from seqconsole.attempts a
where a.gateway_id = any(:'gateway_ids'::text[])
order by a.claimed_at, a.id
for update;
