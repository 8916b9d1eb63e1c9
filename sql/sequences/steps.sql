-- The steps of a sequence as they stand.
select s.id, s.day_number as day, s.trigger_delay_hours as wait_hours, coalesce(s.message_type::text, 'text') as kind,
       s.content::text as content, s.media_url::text as media, s.caption::text as caption,
       coalesce((select jsonb_object_agg(x.name, x.value) from seqconsole.settings x
                  where x.scope = 'step' and x.key = s.id::text), '{}') as settings
from sequence_steps s
where s.sequence_id = :'sequence'::uuid
order by s.day_number nulls last, s.id;
