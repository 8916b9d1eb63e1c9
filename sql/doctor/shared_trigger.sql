-- Running sequences of one user that the same word lets a contact into.
with
-- include: doctor/active_sequences
, shared as (
    select user_id, lower(trigger) as word, array_agg(id::text order by id) as ids, string_agg(name, ', ' order by id) as names
    from running
    where trigger is not null
    group by user_id, lower(trigger)
    having count(*) > 1
)
select count(*) over () as total, ids[1 : 20] as ids, null::text as phone, format('%s enters %s', word, names) as detail,
       null::text as statement
from shared
order by ids
limit :'limit'::int;
