-- Run 1 is the run under way. What these people had of the sequence becomes an earlier one, with the next free number:
-- deliveries, their attempts and the enrolment.
with person as materialized (
    select p.phone_key collate "C" as phone_key from unnest(:'phones'::text[]) as p(phone_key)
),
numbered as materialized (
    select p.phone_key,
           (1 + greatest(1, (select max(d.run) from seqconsole.deliveries d
                              where d.phone_key = p.phone_key and d.step_id = any(:'steps'::uuid[])),
                            (select max(e.run) from seqconsole.enrolments e
                              where e.sequence_id = :'sequence'::uuid and e.phone_key = p.phone_key)))::smallint as run
    from person p
),
ledger as (
    update seqconsole.deliveries d
    set run = n.run
    from numbered n
    where d.phone_key = n.phone_key and d.step_id = any(:'steps'::uuid[]) and d.run = 1
    returning d.message_id, d.run
),
tried as (
    update seqconsole.attempts t
    set run = l.run
    from ledger l
    where t.message_id = l.message_id and t.run = 1
),
came as (
    update seqconsole.enrolments e
    set run = n.run
    from numbered n
    where e.sequence_id = :'sequence'::uuid and e.phone_key = n.phone_key and e.run = 1
)
select phone_key as phone, run from numbered;
