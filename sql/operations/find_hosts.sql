-- A gateway host that devices are behind, by name.
select d.host as key, d.host as name, true as exact
from seqconsole.devices d
where lower(d.host) = lower(:'text')
group by d.host
limit 20;
