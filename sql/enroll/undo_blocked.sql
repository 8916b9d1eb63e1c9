-- Enrolments that can't be taken back, and why: something was tried, or is not as it was left.
with image as materialized (
    select r.unit, r.rel, r.row_id, r.after from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
),
unit as materialized (
    select i.unit, split_part(i.unit, '|', 1)::uuid as track, split_part(i.unit, '|', 2) collate "C" as phone_key, i.after
    from image i
    where i.rel = 'seqconsole.enrolments'
),
written as materialized (
    select u.unit, x.id::uuid as id from unit u cross join lateral json_array_elements_text(u.after -> 'rows') as x(id)
    union all
    select i.unit, i.row_id::uuid from image i where i.rel = 'sequence_contacts'
),
step as materialized (
    select s.id from sequence_steps s where s.sequence_id in (select u.track from unit u)
),
contact as materialized (   -- by id, whatever the estimates
    select c.id, c.sequence_id, seqconsole.phone_key(c.contact_phone) as phone_key, lower(c.status::text) as status
    from sequence_contacts c
    where c.id = any(array(select w.id from written w))
)
select distinct on (b.unit) b.unit, b.why
from (
    select 1 as place, u.unit, 'a message of it was tried or settled since' as why
    from unit u
    where (select 1
           from seqconsole.deliveries d
           where d.phone_key = u.phone_key and d.step_id = any(array(select s.id from step s)) and d.run = 1
             and (d.outcome is not null
                  or (select 1 from seqconsole.attempts a where a.message_id = d.message_id limit 1) is not null)
           limit 1) is not null
    union all
    select 2, u.unit, 'it was enrolled again since'
    from unit u
    where (select 1 from seqconsole.enrolments e
            where e.sequence_id = u.track and e.phone_key = u.phone_key and e.run = 1
              and e.operation_id = :'operation'::bigint
            limit 1) is null
    union all
    select 3, w.unit, 'one of its rows was changed since'
    from written w
    join unit u using (unit)
    left join contact c on c.id = w.id
    where c.id is null or c.sequence_id is distinct from u.track or c.phone_key is distinct from u.phone_key
       or c.status not in ('pending', 'active')
) b
order by b.unit, b.place;
