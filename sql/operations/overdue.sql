-- How much would be parked when the engine is switched on, and how much is parked already.
select count(*) filter (where p.at <= :'now'::timestamptz and p.due_at < :'now'::timestamptz - interval '24 hours') as late,
       count(*) filter (where p.gate = 'overdue' and p.at = 'infinity') as parked
from seqconsole.progress p
where p.state in ('r', 'w');
