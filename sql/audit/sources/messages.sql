-- Messages as the checks read them; see contacts.sql. `meaning` is what seqconsole.codes says of a foreign status.
messages as not materialized (
    select id, device_id, sequence_id, step_id, status, phone, error, scheduled_at, sent_at, touched_at, created_at, user_id,
           case
               when status in ('sent', 'success', 'delivered') then 'sent'
               when status = 'pending' then 'pending'
               when status in ('failed', 'error') then 'failed'
               when status in ('skipped', 'cancelled', 'expired') then 'skipped'
               else 'unknown'
           end as meaning,
           coalesce(
-- include: audit/phone_key
           , phone) collate "C" as person
    from (
        select nullif(r.id::text, '') collate "C" as id, nullif(r.device_id::text, '') collate "C" as device_id,
               nullif(r.sequence_id::text, '') collate "C" as sequence_id,
               nullif(r.sequence_stepid::text, '') collate "C" as step_id, lower(r.status::text) as status,
               nullif(btrim(r.recipient_phone::text), '') as phone, nullif(btrim(r.error_message::text), '') as error,
               r.scheduled_at::timestamptz as scheduled_at, r.sent_at::timestamptz as sent_at,
               greatest(r.updated_at::timestamptz, r.scheduled_at::timestamptz, r.created_at::timestamptz) as touched_at,
               r.created_at::timestamptz as created_at, nullif(r.user_id::text, '') as user_id
        from (values (null::text, null::text, null::text, null::text, null::text, null::timestamptz, null::timestamptz,
                      null::timestamptz, null::timestamptz, null::text))
                 as missing (device_id, sequence_id, sequence_stepid, status, error_message, scheduled_at, sent_at,
                             created_at, updated_at, user_id)
        cross join lateral (
            select id, device_id, sequence_id, sequence_stepid, status, recipient_phone, error_message, scheduled_at,
                   sent_at, created_at, updated_at, user_id
            from broadcast_messages
        ) r
    ) m
)
