-- The devices, those that can send and have the longest queue first.
select u.id, u.device_name
from user_devices u
left join seqconsole.counters c on c.scope = 'device' and c.key = u.id and c.state = 'pending'
left join seqconsole.holds h on h.scope = 'device' and h.key = (u.id::text collate "C")
order by h.key is not null, coalesce(c.n, 0) desc, u.id;
