-- Lines with their phone keys, and why some are left out: each by the first reason that holds. Changes nothing. Who is in
-- the sequence, or ever was, in any spelling, is not let in again by chance (FAILURES 10, 12): by its rows, its deliveries
-- and its enrolments.
with line as materialized (
    select x.line, seqconsole.phone_key(x.phone) as phone_key, x.device
    from unnest(:'lines'::bigint[], :'phones'::text[], :'devices'::text[]) as x(line, phone, device)
),
mine as materialized (
    select u.id, u.device_name::text as name
    from user_devices u
    where u.user_id is not distinct from (select q.user_id from sequences q where q.id = :'sequence'::uuid)
),
named as materialized (   -- what a line calls a device, by name or id
    select l.device, m.id from (select distinct device from line) l join mine m on m.name = l.device
    union
    select l.device, m.id from (select distinct device from line) l join mine m on m.id::text = l.device
),
device as materialized (
    select device from named group by device having count(*) = 1
)
select l.line, l.phone_key,
       case
           when (select 1 from seqconsole.holds h
                  where h.scope = 'contact' and h.key = l.phone_key and h.holder = 'suppression'
                    and h.until > :'now'::timestamptz limit 1) is not null then 'does not want messages'
           when l.device is not null and d.device is null then 'no such device of this user, or several'
           when known.yes then
               case when not :'again'::boolean then 'in the sequence already'
                    when (select 1 from seqconsole.progress p
                           where p.track = :'sequence'::uuid and p.phone_key = l.phone_key limit 1) is not null
                        then 'still on its way through'
                    else 'again' end
       end as verdict,
       coalesce(not starts_with(l.phone_key, coalesce((select nullif(seqconsole.setting('country'), '')), l.phone_key)), false) as abroad
from line l
left join device d using (device)
cross join lateral (
    select (select 1 from sequence_contacts c
             where c.sequence_id = :'sequence'::uuid and seqconsole.phone_key(c.contact_phone) = l.phone_key limit 1) is not null
        or (select 1 from seqconsole.deliveries d
             where d.phone_key = l.phone_key and d.step_id = any(:'steps'::uuid[]) limit 1) is not null
        or (select 1 from seqconsole.enrolments e
             where e.sequence_id = :'sequence'::uuid and e.phone_key = l.phone_key limit 1) is not null as yes
) known
order by l.line;
