-- Contacts with more than one active step.
with
-- include: doctor/contact
, several as (
    select sequence_id, person, array_agg(id::text order by id) as ids, count(distinct step_id) as steps
    from contact
    where status = 'active' and sequence_id is not null and person is not null
    group by sequence_id, person
    having count(distinct step_id) > 1
)
select count(*) over () as total, ids[1 : 20] as ids, person as phone, format('%s steps are active', steps) as detail,
       null::text as statement
from several
order by ids
limit :'limit'::int;
