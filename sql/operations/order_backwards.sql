-- People who by this order would still get a step that stands before one they have had.
with place as materialized (
    select p.step_id, p.place from unnest(:'steps'::uuid[]) with ordinality as p(step_id, place)
)
select count(*) as n
from (
    select seqconsole.phone_key(c.contact_phone) as phone_key
    from sequence_contacts c
    join place on place.step_id = c.sequence_stepid
    where c.sequence_id = :'sequence'::uuid
    group by 1
    having max(place) filter (where seqconsole.contact_state(c.status::text) = 'completed')
           > min(place) filter (where seqconsole.contact_state(c.status::text) not in ('completed', 'skipped'))
) late;
