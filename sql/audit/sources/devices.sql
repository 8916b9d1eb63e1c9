-- Devices; see contacts.sql. `away` = its column says that it is not logged in.
devices as not materialized (
    select r.id::text collate "C" as id, r.device_name::text as name, nullif(r.user_id::text, '') as user_id,
           coalesce(lower(r.status::text) not in ('online', 'connected', 'active', 'ready', 'open'), false) as away
    from (values (null::text, null::text, null::text)) as missing (device_name, user_id, status)
    cross join lateral (select id, device_name, user_id, status from user_devices) r
)
