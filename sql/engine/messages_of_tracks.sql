-- The open messages of these tracks' steps.
select d.message_id as id
from (select distinct t.track, t.phone_key collate "C" as phone_key
      from unnest(:'tracks'::uuid[], :'phones'::text[]) as t(track, phone_key)) t
join sequence_steps s on s.sequence_id = t.track
join seqconsole.deliveries d on d.phone_key = t.phone_key and d.step_id = s.id and d.run = 1
where d.outcome is null;
