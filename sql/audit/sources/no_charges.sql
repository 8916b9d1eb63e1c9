-- Where there are no attempts, or they can't be read, `sent_at` is all that is known.
charges as not materialized (
    select null::text collate "C" as message_id, null::timestamptz as at where false
)
