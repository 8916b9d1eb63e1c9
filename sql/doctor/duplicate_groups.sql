-- Rows of one sequence, person and step, where the step is known. Included into a WITH after contact.
duplicate as materialized (
    select sequence_id, step_id, person, count(*) as rows, count(distinct phone) as spellings,
           array_agg(id::text order by id) as ids, string_agg(distinct status, ', ') as states
    from contact
    where step_id in (select id from sequence_steps) and sequence_id is not null and person is not null
    group by sequence_id, step_id, person
    having count(*) > 1
)
