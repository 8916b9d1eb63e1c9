-- Duplicate groups (same sequence, same person, same step) of the given tracks, as findings kept up to date.
with track as materialized (
    select distinct t.track as sequence_id, t.phone_key collate "C" as phone_key
    from unnest(:'tracks'::uuid[], :'phones'::text[]) as t(track, phone_key)
    where t.track is not null and t.phone_key is not null
),
found as materialized (
    select t.sequence_id, t.phone_key, c.sequence_stepid as step_id,
           (t.sequence_id::text || '|' || t.phone_key || '|' || c.sequence_stepid::text) collate "C" as key,
           array_agg(c.id order by c.id) as ids,
           array_agg(seqconsole.contact_state(c.status::text) order by c.id) as states,
           (array_agg(c.contact_name order by c.id))[1] as name
    from track t
    cross join lateral (   -- OFFSET 0: always the index by person, never a scan of the table
        select o.id, o.sequence_stepid, o.status, o.contact_name
        from sequence_contacts o
        where o.sequence_id = t.sequence_id and seqconsole.phone_key(o.contact_phone) = t.phone_key
        offset 0
    ) c
    where c.sequence_stepid is not null
      and exists (select 1 from sequence_steps s where s.id = c.sequence_stepid)
    group by t.sequence_id, t.phone_key, c.sequence_stepid
    having count(*) > 1
),
gone as (
    delete from seqconsole.findings f
    using track t
    where f.kind = 'duplicate'
      and f.subject = (t.sequence_id::text || '|' || t.phone_key) collate "C"
      and f.key not in (select x.key from found x)
)
insert into seqconsole.findings as f (kind, key, subject, ids, detail, since, version)
select 'duplicate', key, sequence_id::text || '|' || phone_key, ids,
       jsonb_build_object('sequence_id', sequence_id, 'phone_key', phone_key, 'step_id', step_id,
                          'states', states, 'name', name),
       :'now'::timestamptz, nextval('seqconsole.version')
from found
on conflict (kind, key) do update
set ids = excluded.ids, detail = excluded.detail, version = excluded.version
where (f.ids, f.detail) is distinct from (excluded.ids, excluded.detail);
