-- People of a portion who may go through once more, with their rows locked: nothing open, nothing in doubt, no duplicate
-- row, none that another session holds. Who fails that is not returned. Run under the projection lock.
with person as materialized (
    select a.line, a.phone_key
    from seqconsole.arrivals a
    where a.batch = :'batch'::uuid and a.line between :'first'::bigint and :'last'::bigint and a.verdict = 'again'
      and (select 1 from seqconsole.progress p
            where p.track = :'sequence'::uuid and p.phone_key = a.phone_key limit 1) is null
      and (select 1 from seqconsole.deliveries d
            where d.phone_key = a.phone_key and d.step_id = any(:'steps'::uuid[]) and d.run = 1
              and (d.outcome is null or d.outcome = 'u') limit 1) is null
      and (select 1 from seqconsole.holds h
            where h.scope = 'contact' and h.key = a.phone_key and h.holder = 'suppression'
              and h.until > :'now'::timestamptz limit 1) is null
),
locked as materialized (
    select c.id, p.phone_key, c.sequence_stepid as step_id
    from person p
    join sequence_contacts c on c.sequence_id = :'sequence'::uuid and seqconsole.phone_key(c.contact_phone) = p.phone_key
    order by c.id
    for update of c skip locked
),
counted as (
    select p.line, p.phone_key,
           (select count(*) from sequence_contacts c
             where c.sequence_id = :'sequence'::uuid and seqconsole.phone_key(c.contact_phone) = p.phone_key) as rows,
           count(l.id) as locked, count(distinct l.step_id) as steps,
           coalesce(array_agg(l.id order by l.id) filter (where l.step_id = any(:'steps'::uuid[])), '{}') as ids
    from person p
    left join locked l using (phone_key)
    group by p.line, p.phone_key
)
select line, phone_key as phone, ids from counted where rows = locked and locked = steps;
