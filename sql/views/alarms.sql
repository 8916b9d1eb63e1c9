-- Due but claimable by nobody, and lost devices that no other can stand in for, the longest first.
select case kind when 'stranded' then 'stranded|' else '' end || key as key, detail ->> 'scope' as scope,
       coalesce(detail ->> 'name', '') as name, detail ->> 'holder' as holder, coalesce(detail ->> 'why', '') as why, ids, since
from seqconsole.findings
where kind in ('unclaimable', 'stranded')
order by since, key
limit :'limit'::int;
