-- Lease over, no outcome (DESIGN 5.5): what recover settles as unknown.
select p.attempt_id as id, p.claimed_at
from seqconsole.progress p
where p.state = 's' and p.at <= :'now'::timestamptz
order by p.at
limit :'limit'::int;
