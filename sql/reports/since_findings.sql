-- Findings that arose since a moment, by kind; duplicate groups are counted apart.
select f.kind, count(*) as n
from seqconsole.findings f
where f.since >= :'since'::timestamptz and f.kind <> 'duplicate'
group by f.kind
order by f.kind;
