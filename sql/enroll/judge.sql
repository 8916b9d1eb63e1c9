-- Why lines of a portion are left out: each by the first reason that holds. Who is in the sequence, or ever was, in any
-- spelling, is not let in again by chance (FAILURES 10, 12): by its rows, its deliveries and its enrolments.
with line as materialized (
    select a.line, a.phone_key, a.device
    from seqconsole.arrivals a
    where a.batch = :'batch'::uuid and a.line > :'after'::bigint and a.line <= :'last'::bigint and a.verdict is null
),
owner as (
    select q.user_id from sequences q where q.id = :'sequence'::uuid
),
judged as (
    select l.line,
           case
               when l.phone_key is null then 'not a phone number'
               when (select 1 from seqconsole.arrivals b
                      where b.batch = :'batch'::uuid and b.phone_key = l.phone_key and b.line < l.line
                        and (b.verdict is null or b.verdict <> 'too many cells') limit 1) is not null then 'a line before it has this person'
               when (select 1 from seqconsole.holds h
                      where h.scope = 'contact' and h.key = l.phone_key and h.holder = 'suppression'
                        and h.until > :'now'::timestamptz limit 1) is not null then 'does not want messages'
               when l.device is not null and (
                   select count(*) from user_devices u
                   where (u.device_name::text = l.device or u.id::text = l.device)
                     and u.user_id is not distinct from (select user_id from owner)) <> 1
                   then 'no such device of this user, or several'
               when known.yes then
                   case when not :'again'::boolean then 'in the sequence already'
                        when (select 1 from seqconsole.progress p
                               where p.track = :'sequence'::uuid and p.phone_key = l.phone_key limit 1) is not null
                            then 'still on its way through'
                        else 'again' end
           end as verdict
    from line l
    cross join lateral (
        select (select 1 from sequence_contacts c
                 where c.sequence_id = :'sequence'::uuid and seqconsole.phone_key(c.contact_phone) = l.phone_key limit 1) is not null
            or (select 1 from seqconsole.deliveries d
                 where d.phone_key = l.phone_key and d.step_id = any(:'steps'::uuid[]) limit 1) is not null
            or (select 1 from seqconsole.enrolments e
                 where e.sequence_id = :'sequence'::uuid and e.phone_key = l.phone_key limit 1) is not null as yes
    ) known
)
update seqconsole.arrivals a
set verdict = j.verdict
from judged j
where a.batch = :'batch'::uuid and a.line = j.line and j.verdict is not null;
