-- Fourth lock: the contact rows of these people that are not settled and belong to the device, by id.
-- What another session holds is not ours.
with wanted as materialized (
    select k.track, k.phone_key, c.id
    from unnest(:'tracks'::uuid[], :'phones'::text[]) as k(track, phone_key)
    cross join lateral (   -- OFFSET 0: always the index by person
        select c.id
        from sequence_contacts c
        where c.sequence_id = k.track and seqconsole.phone_key(c.contact_phone) collate "C" = (k.phone_key collate "C")
          and c.assigned_device_id = :'device'::uuid
          and seqconsole.contact_state(c.status::text) in ('pending', 'active', 'other')
        offset 0
    ) c
),
locked as materialized (
    select c.id
    from sequence_contacts c
    where c.id = any(array(select w.id from wanted w)) and c.assigned_device_id = :'device'::uuid
    order by c.id
    for update of c skip locked
)
select w.id, w.track, w.phone_key as phone, w.id in (select id from locked) as ours
from wanted w
order by w.id;
