-- Sent or written in the future, where it is not the zone.
with
-- include: doctor/ahead
select count(*) over () as total, array[p.id::text] as ids, p.phone,
       format('%s ahead of the clock', date_trunc('minute', p.at - :'now'::timestamptz)) as detail, null::text as statement
from past p, ahead a, kept k
where a.n > 0 and (not a.is_zone or cardinality(k.naive) = 0) and p.at > :'now'::timestamptz + interval '5 minutes'
order by p.id
limit :'limit'::int;
