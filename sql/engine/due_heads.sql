-- The first messages of each lane that a claim may meet now, some of each: among them is what refused it.
with recursive device as materialized (
    select d.device_id from seqconsole.devices d
    where d.slot_at <= :'now'::timestamptz
      and (select 1 from seqconsole.progress p where p.device_id = d.device_id and p.state = 'r' limit 1) is not null
    order by d.slot_at
    limit :'limit'::int
),
lane (device_id, sequence_id) as (
    select d.device_id, (select p.sequence_id from seqconsole.progress p
                          where p.device_id = d.device_id and p.state = 'r'
                          order by p.sequence_id limit 1)
    from device d
    union all
    select lane.device_id, (select p.sequence_id from seqconsole.progress p
                             where p.device_id = lane.device_id and p.state = 'r' and p.sequence_id > lane.sequence_id
                             order by p.sequence_id limit 1)
    from lane
    where lane.sequence_id is not null
)
select head.message_id as id
from lane
cross join lateral (
    select p.message_id from seqconsole.progress p
    where p.device_id = lane.device_id and p.sequence_id = lane.sequence_id
      and p.state = 'r' and p.at <= :'now'::timestamptz
    order by p.at, p.message_id
    limit 5
) head
where lane.sequence_id is not null
limit :'limit'::int;
