-- Enrolments that can't be taken back, and why: something was tried, or is not as it was left.
with unit as materialized (
    select r.unit, split_part(r.unit, '|', 1)::uuid as track, split_part(r.unit, '|', 2) collate "C" as phone_key,
           array(select json_array_elements_text(r.after -> 'rows')::uuid) as ids
    from seqconsole.operation_rows r
    where r.operation_id = :'operation'::bigint and r.rel = 'seqconsole.enrolments' and r.unit = any(:'units'::text[])
),
written as materialized (
    select u.unit, x.id from unit u cross join lateral unnest(u.ids) as x(id)
    union all
    select r.unit, r.row_id::uuid
    from seqconsole.operation_rows r
    where r.operation_id = :'operation'::bigint and r.rel = 'sequence_contacts' and r.unit = any(:'units'::text[])
)
select distinct on (b.unit) b.unit, b.why
from (
    select 1 as place, u.unit, 'a message of it was tried or settled since' as why
    from unit u
    where exists (
        select 1
        from sequence_steps s
        join seqconsole.deliveries d on d.step_id = s.id and d.phone_key = u.phone_key and d.run = 1
        where s.sequence_id = u.track
          and (d.outcome is not null or exists (select 1 from seqconsole.attempts a where a.message_id = d.message_id)))
    union all
    select 2, u.unit, 'it was enrolled again since'
    from unit u
    where not exists (select 1 from seqconsole.enrolments e
                       where e.sequence_id = u.track and e.phone_key = u.phone_key and e.run = 1
                         and e.operation_id = :'operation'::bigint)
    union all
    select 3, w.unit, 'one of its rows was changed since'
    from written w
    join unit u using (unit)
    left join sequence_contacts c on c.id = w.id
    where c.id is null or c.sequence_id is distinct from u.track or seqconsole.phone_key(c.contact_phone) is distinct from u.phone_key
       or lower(c.status::text) not in ('pending', 'active')
) b
order by b.unit, b.place;
