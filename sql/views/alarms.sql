-- Due but claimable by nobody, the longest first (find_unclaimable).
select key::text as key, detail ->> 'scope' as scope, coalesce(detail ->> 'name', '') as name, detail ->> 'holder' as holder,
       coalesce(detail ->> 'why', '') as why, ids, since
from seqconsole.findings
where kind = 'unclaimable'
order by since, key
limit :'limit'::int;
