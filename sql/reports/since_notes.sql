-- The notes since a moment, the latest first.
select o.id, o.at, o.who, o.summary as text
from seqconsole.operations o
where o.at >= :'since'::timestamptz and o.verb = 'note'
order by o.id desc
limit 20;
