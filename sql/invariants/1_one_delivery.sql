-- DESIGN 10.1: a message of ours belongs to one delivery, and nobody has two of ours for one step.
select a.phone_key, a.step_id, a.run, array_agg(distinct a.message_id) as messages
from seqconsole.attempts a
group by a.phone_key, a.step_id, a.run
having count(distinct a.message_id) > 1;
