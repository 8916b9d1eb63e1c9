-- What the throttle of each device lets through in any hour at most.
limits as not materialized (
    select device_id::text collate "C" as device_id,
           send_limit * ceil(3600 / greatest(least(extract(epoch from send_window), 3600), 1))::bigint as per_hour
    from seqconsole.devices
)
