-- The contact rows that an enrolment added.
delete from sequence_contacts c
where c.id = any(array(
    select x::uuid
    from seqconsole.rows_of(:'operation'::bigint, :'units'::text[]) r
    cross join lateral json_array_elements_text(r.after -> 'rows') as x
    where r.rel = 'seqconsole.enrolments'));
