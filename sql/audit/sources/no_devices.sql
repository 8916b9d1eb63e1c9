-- Where the devices can't be read, they have no names.
devices as not materialized (
    select null::text collate "C" as id, null::text as name, null::text as user_id, false as away where false
)
