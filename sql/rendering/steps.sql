-- The texts of a sequence for one person, in the order of the steps.
select s.id as step_id, s.day_number, s.trigger_delay_hours as delay_hours, coalesce(s.message_type::text, 'text') as message_type,
       s.media_url::text as media_url, coalesce(s.content, s.caption)::text as raw, said.text, said.problem
from sequence_steps s
cross join lateral seqconsole.render(coalesce(s.content, s.caption)::text, s.sequence_id, :'phone'::text, :'contact_name'::text) said
where s.sequence_id = :'sequence'::uuid
order by s.day_number nulls last, s.id;
