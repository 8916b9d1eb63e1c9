-- People of a portion who are new: a contact row for each step, how they came, and one line of the journal a person.
-- Judged again under the projection lock, so that two enrolments, in whatever spelling, let nobody in twice.
with person as materialized (
    select a.line, a.phone_key, left(a.name, 200) as name, a.device, a.fields, q.user_id
    from seqconsole.arrivals a
    join sequences q on q.id = :'sequence'::uuid
    where a.batch = :'batch'::uuid and a.line between :'first'::bigint and :'last'::bigint and a.verdict is null
      and (select 1 from sequence_contacts c
            where c.sequence_id = q.id and seqconsole.phone_key(c.contact_phone) = a.phone_key limit 1) is null
      and (select 1 from seqconsole.deliveries d
            where d.phone_key = a.phone_key and d.step_id = any(:'steps'::uuid[]) limit 1) is null
      and (select 1 from seqconsole.enrolments e
            where e.sequence_id = q.id and e.phone_key = a.phone_key limit 1) is null
      and (select 1 from seqconsole.holds h
            where h.scope = 'contact' and h.key = a.phone_key and h.holder = 'suppression'
              and h.until > :'now'::timestamptz limit 1) is null
),
enrolled as (
    insert into seqconsole.enrolments (sequence_id, phone_key, run, source, operation_id, at, fields)
    select :'sequence'::uuid, p.phone_key, 1, :'source', :'operation'::bigint, :'now'::timestamptz, p.fields
    from person p
),
mine as materialized (
    select u.id, u.device_name::text as name
    from user_devices u
    where u.user_id is not distinct from (select q.user_id from sequences q where q.id = :'sequence'::uuid)
),
named as materialized (   -- what a line calls a device, by name or id
    select p.device, m.id from (select distinct device from person) p join mine m on m.name = p.device
    union
    select p.device, m.id from (select distinct device from person) p join mine m on m.id::text = p.device
),
placed as materialized (   -- the device that the file names; else the one whose number the person knows
    select p.*, coalesce(
               (select n.id from named n where n.device = p.device),
               (select d.device_id from seqconsole.deliveries d
                 join user_devices u on u.id = d.device_id and u.user_id is not distinct from p.user_id
                 where d.phone_key = p.phone_key and d.outcome = 's'
                 order by d.settled_at desc limit 1)) as device_id
    from person p
),
step as materialized (
    select s.id, s.day_number,
           sum(coalesce(s.trigger_delay_hours, 24)) over (order by s.day_number, s.id) as hours
    from sequence_steps s
    where s.sequence_id = :'sequence'::uuid
),
added as (
    insert into sequence_contacts
        (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status, next_trigger_time,
         assigned_device_id, retry_count, user_id)
    select gen_random_uuid(), :'sequence'::uuid, p.phone_key, p.name, s.day_number, s.id, 'pending',
           :'now'::timestamptz + make_interval(hours => s.hours::int), p.device_id, 0, p.user_id
    from placed p
    cross join step s
    order by p.phone_key, s.day_number
    on conflict do nothing
    returning id, contact_phone::text collate "C" as phone_key
),
journal as (   -- a union, not a join: estimates of one row would make that one quadratic
    insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
    select :'operation'::bigint, :'sequence'::uuid || '|' || x.phone_key, 'seqconsole.enrolments',
           :'sequence'::uuid || '|' || x.phone_key || '|1', null,
           json_build_object('source', :'source', 'rows', coalesce(array_agg(x.id order by x.id) filter (where x.id is not null), '{}'))
    from (select phone_key, null::uuid as id from placed union all select phone_key, id from added) x
    group by x.phone_key
)
select p.line, p.phone_key as phone from placed p;
