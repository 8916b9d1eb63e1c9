-- What others did since a moment, by who: how many operations, and the latest.
select o.who, count(*) as n, (array_agg(o.summary order by o.id desc))[1] as latest
from seqconsole.operations o
where o.at >= :'since'::timestamptz and o.who <> :'who' and o.verb <> 'note'
group by o.who
order by max(o.id) desc
limit 20;
