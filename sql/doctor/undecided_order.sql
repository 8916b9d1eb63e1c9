-- Sequences of which two steps share a day number, or one has none.
with undecided as (
    select s.sequence_id, count(*) as steps, count(*) - count(s.day_number) as without,
           count(s.day_number) - count(distinct s.day_number) as tied
    from sequence_steps s
    group by s.sequence_id
    having count(*) <> count(distinct s.day_number)
)
select count(*) over () as total, array[u.sequence_id::text] as ids, null::text as phone,
       format('%s: of %s steps %s share a day number with another, %s have none', q.name, u.steps, u.tied, u.without) as detail,
       format('seqconsole decide-order --sequence %s', u.sequence_id) as statement
from undecided u
join sequences q on q.id = u.sequence_id
order by u.sequence_id
limit :'limit'::int;
