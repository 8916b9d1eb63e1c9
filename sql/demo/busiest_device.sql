-- The device with the longest queue among those that can send.
select u.id, u.device_name
from user_devices u
join seqconsole.counters c on c.scope = 'device' and c.key = u.id and c.state = 'pending'
where not exists (select 1 from seqconsole.holds h where h.scope = 'device' and h.key = (u.id::text collate "C"))
order by c.n desc, u.id
limit 1;
