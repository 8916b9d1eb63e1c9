-- Steps that are due before the one before them.
select count(*) over () as total, array[s.id::text] as ids, null::text as phone,
       format('day %s waits %s hours', coalesce(s.day_number::text, 'none'), s.trigger_delay_hours) as detail,
       format('update sequence_steps set trigger_delay_hours = 0 where id = %L', s.id) as statement
from sequence_steps s
where s.trigger_delay_hours < 0
order by s.id
limit :'limit'::int;
