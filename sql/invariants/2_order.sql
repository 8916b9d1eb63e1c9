-- DESIGN 10.2: no step claimed before an earlier one of the same contact and sequence was settled, nor before its
-- due time.
select a.id as attempt, a.phone_key, later.sequence_id, later.day_number, earlier.day_number as earlier_day, c.status
from seqconsole.attempts a
join sequence_steps later on later.id = a.step_id
join sequence_steps earlier on earlier.sequence_id = later.sequence_id and earlier.day_number < later.day_number
join sequence_contacts c
  on c.sequence_id = later.sequence_id and seqconsole.phone_key(c.contact_phone) = a.phone_key
 and c.sequence_stepid = earlier.id
left join seqconsole.deliveries d on d.phone_key = a.phone_key and d.step_id = earlier.id and d.run = a.run
where a.outcome in ('sent', 'unknown')
  and (a.run = 1 and c.status::text in ('pending', 'active')   -- the rows tell of the run under way
       or d.settled_at > a.claimed_at
       or d.settled_at + make_interval(hours => coalesce(later.trigger_delay_hours, 24)) > a.claimed_at
          and d.evidence <> 'h')
union all
select a.id, a.phone_key, s.sequence_id, s.day_number, null, c.status
from seqconsole.attempts a
join sequence_steps s on s.id = a.step_id
join sequence_contacts c
  on c.sequence_id = s.sequence_id and seqconsole.phone_key(c.contact_phone) = a.phone_key and c.sequence_stepid = s.id
where a.outcome in ('sent', 'unknown') and a.run = 1 and c.next_trigger_time::timestamptz > a.claimed_at;
