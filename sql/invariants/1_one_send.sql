-- DESIGN 10.1: at most one sent message per person, step and run.
select a.phone_key, a.step_id, a.run, count(*) as sent, array_agg(a.id) as attempts
from seqconsole.attempts a
where a.outcome = 'sent'
group by a.phone_key, a.step_id, a.run
having count(*) > 1;
