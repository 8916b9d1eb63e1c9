-- Tracks of the steps whose delivery belongs to these messages, whatever their rows say now.
select distinct s.sequence_id as track, d.phone_key as phone
from seqconsole.deliveries d
join sequence_steps s on s.id = d.step_id
where d.message_id = any(:'ids'::uuid[]);
