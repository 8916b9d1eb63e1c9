-- The open messages of these tracks: of their steps, and of their open work, whose step may be gone.
with track as materialized (
    select distinct t.track, t.phone_key collate "C" as phone_key
    from unnest(:'tracks'::uuid[], :'phones'::text[]) as t(track, phone_key)
)
select d.message_id as id
from track t
join sequence_steps s on s.sequence_id = t.track
join seqconsole.deliveries d on d.phone_key = t.phone_key and d.step_id = s.id and d.run = 1
where d.outcome is null
union
select p.message_id
from track t
join seqconsole.progress p on p.track = t.track and p.phone_key = t.phone_key
where p.message_id is not null;
