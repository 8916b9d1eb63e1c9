-- Devices that sent more than the limit within any hour (a sliding one, exact), and the worst hour of each. No row = none.
-- Read-only. Run:  psql -v limit=80 -f verify_over_limit.sql "service=work"      (80 where no limit is given)
\set ON_ERROR_STOP on
\if :{?limit}
\else
    \set limit 80
\endif
begin transaction isolation level repeatable read read only;
with hour as (   -- for each send the hour that ends with it; a send exactly an hour earlier is out of it
    select device_id, sent_at, count(*) over hour as sends, first_value(sent_at) over hour as since
    from broadcast_messages
    where lower(status::text) in ('sent', 'success', 'delivered') and sent_at is not null and device_id is not null
    window hour as (partition by device_id order by sent_at
                    range between (interval '1 hour' - interval '1 microsecond') preceding and current row)
)
select *
from (
    select distinct on (device_id) device_id, sends, sends - :'limit'::bigint as over, since as "from", sent_at as "to"
    from hour
    where sends > :'limit'::bigint
    order by device_id, sends desc, sent_at
) worst
order by over desc, device_id;
rollback;
