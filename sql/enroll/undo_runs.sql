-- The enrolment of the earlier run, once the later one is gone.
with unit as materialized (
    select split_part(r.unit, '|', 1)::uuid as track, split_part(r.unit, '|', 2) collate "C" as phone_key,
           (r.after ->> 'earlier')::smallint as earlier
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    where r.rel = 'seqconsole.enrolments' and r.after ->> 'earlier' is not null
)
update seqconsole.enrolments e
set run = 1
from unit u
where e.sequence_id = u.track and e.phone_key = u.phone_key and e.run = u.earlier;
