-- Where no throttle is known, all devices have the same limit.
limits as not materialized (
    select null::text collate "C" as device_id, null::bigint as per_hour where false
)
