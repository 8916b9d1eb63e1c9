-- Where there are no attempts, or they can't be read, nobody has recorded a doubt.
doubts as not materialized (
    select null::text collate "C" as message_id, null::timestamptz as claimed_at where false
)
