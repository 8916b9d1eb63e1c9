-- How these people came in once more, rows for steps that they have none of, and one line of the journal a person.
with person as materialized (
    select a.phone_key, left(a.name, 200) as name, a.fields, q.user_id, n.run as earlier
    from unnest(:'phones'::text[], :'runs'::smallint[]) as n(phone_key, run)
    join seqconsole.arrivals a on a.batch = :'batch'::uuid and a.phone_key = (n.phone_key collate "C") and a.verdict = 'again'
    join sequences q on q.id = :'sequence'::uuid
),
enrolled as (
    insert into seqconsole.enrolments (sequence_id, phone_key, run, source, operation_id, at, fields)
    select :'sequence'::uuid, p.phone_key, 1, :'source', :'operation'::bigint, :'now'::timestamptz, p.fields
    from person p
),
step as materialized (
    select s.id, s.day_number, sum(coalesce(s.trigger_delay_hours, 24)) over (order by s.day_number, s.id) as hours
    from sequence_steps s
    where s.sequence_id = :'sequence'::uuid
),
added as (
    insert into sequence_contacts
        (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status, next_trigger_time, retry_count, user_id)
    select gen_random_uuid(), :'sequence'::uuid, p.phone_key, p.name, s.day_number, s.id, 'pending',
           :'now'::timestamptz + make_interval(hours => s.hours::int), 0, p.user_id
    from person p
    cross join step s
    where not exists (select 1 from sequence_contacts c
                       where c.sequence_id = :'sequence'::uuid and seqconsole.phone_key(c.contact_phone) = p.phone_key
                         and c.sequence_stepid = s.id)
    order by p.phone_key, s.day_number
    on conflict do nothing
    returning id, contact_phone::text collate "C" as phone_key
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, :'sequence'::uuid || '|' || x.phone_key, 'seqconsole.enrolments',
       :'sequence'::uuid || '|' || x.phone_key || '|1', null,
       json_build_object('source', :'source', 'rows', coalesce(array_agg(x.id order by x.id) filter (where x.id is not null), '{}'),
                         'earlier', max(x.earlier))
from (select phone_key, earlier, null::uuid as id from person union all select phone_key, null, id from added) x
group by x.phone_key;
