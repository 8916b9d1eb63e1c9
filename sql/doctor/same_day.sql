-- People whom several sequences are to write to on one day of the declared zone; the first such day of each.
with
-- include: doctor/contact
, crowded as (
    select distinct on (person) person, (due at time zone current_setting('TimeZone'))::date as day,
           array_agg(id::text order by id) as ids, count(distinct sequence_id) as sequences
    from contact
    where status in ('pending', 'active') and person is not null
      and due > :'now'::timestamptz - interval '1 day' and isfinite(due)
    group by person, (due at time zone current_setting('TimeZone'))::date
    having count(distinct sequence_id) > 1
    order by person, day
)
select count(*) over () as total, ids[1 : 20] as ids, person as phone, format('%s sequences on %s', sequences, day) as detail,
       null::text as statement
from crowded
order by person
limit :'limit'::int;
