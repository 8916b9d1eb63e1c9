-- Where the ledger knows more than the contact row: what was sent is completed, what is queued is active, once the steps
-- before it are settled: another writer may have queued a later one.
-- One row a person and step only; a duplicate group waits for the operator. A row that another session holds is not
-- waited for: its track goes on the feed again.
with behind as materialized (
    select c.id, t.track, t.phone_key, d.outcome, d.settled_at
    from (select distinct t.track, t.phone_key collate "C" as phone_key
          from unnest(:'tracks'::uuid[], :'phones'::text[]) as t(track, phone_key)
          where t.phone_key is not null) t
    cross join lateral (   -- OFFSET 0: always the index by person
        select c.id, c.sequence_stepid, c.status::text as status
        from sequence_contacts c
        where c.sequence_id = t.track and seqconsole.phone_key(c.contact_phone) = t.phone_key
        offset 0
    ) c
    cross join lateral (   -- and the ledger's: counts taken before many settled would make it a scan of all
        select d.outcome, d.settled_at
        from seqconsole.deliveries d
        where d.phone_key = t.phone_key and d.step_id = c.sequence_stepid and d.run = 1
        offset 0
    ) d
    where c.status = 'pending'
      and (d.outcome = 's'
           or d.outcome is null and not exists (
               select 1 from sequence_contacts o
               join sequence_steps e on e.id = o.sequence_stepid and e.sequence_id = t.track
               join sequence_steps mine on mine.id = c.sequence_stepid
               where o.sequence_id = t.track and seqconsole.phone_key(o.contact_phone) = t.phone_key
                 and e.day_number < mine.day_number and o.status::text in ('pending', 'active')))
      and (select count(*) from sequence_contacts o
            where o.sequence_id = t.track and seqconsole.phone_key(o.contact_phone) = t.phone_key
              and o.sequence_stepid = c.sequence_stepid) = 1
),
ours as materialized (
    select c.id from sequence_contacts c
    where c.id = any(array(select b.id from behind b)) and c.status::text = 'pending'
    order by c.id
    for no key update skip locked
),
brought as (
    update sequence_contacts c
    set status = case when b.outcome = 's' then 'completed' else 'active' end,
        completed_at = case when b.outcome = 's' then coalesce(c.completed_at::timestamptz, b.settled_at)
                            else c.completed_at::timestamptz end
    from behind b
    where c.id = any(array(select o.id from ours o)) and c.id = b.id
)
insert into seqconsole.changes (at, kind, ids, tracks, phones)
select :'now'::timestamptz, 'contacts', array_agg(b.id), array_agg(b.track), array_agg(b.phone_key)
from behind b
where b.id not in (select id from ours)
having count(*) > 0;
