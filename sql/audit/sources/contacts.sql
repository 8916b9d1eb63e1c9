-- Contact rows as the checks read them, whatever the types are. A column that this database lacks is NULL: its name is
-- then the one of `missing`. A phone that can't be one stands for its person as it is written.
contacts as not materialized (
    select id, sequence_id, step_id, status, phone, due, completed_at, device_id, claimed_by, claimed_at, user_id,
           coalesce(
-- include: audit/phone_key
           , phone) collate "C" as person
    from (
        select nullif(r.id::text, '') collate "C" as id, nullif(r.sequence_id::text, '') collate "C" as sequence_id,
               nullif(r.sequence_stepid::text, '') collate "C" as step_id, lower(r.status::text) as status,
               nullif(btrim(r.contact_phone::text), '') as phone, r.next_trigger_time::timestamptz as due,
               r.completed_at::timestamptz as completed_at, nullif(r.assigned_device_id::text, '') collate "C" as device_id,
               nullif(r.processing_device_id::text, '') as claimed_by, r.processing_started_at::timestamptz as claimed_at,
               nullif(r.user_id::text, '') as user_id
        from (values (null::text, null::text, null::timestamptz, null::timestamptz, null::text, null::text,
                      null::timestamptz, null::text))
                 as missing (status, sequence_stepid, next_trigger_time, completed_at, assigned_device_id,
                             processing_device_id, processing_started_at, user_id)
        cross join lateral (
            select id, sequence_id, contact_phone, status, sequence_stepid, next_trigger_time, completed_at,
                   assigned_device_id, processing_device_id, processing_started_at, user_id
            from sequence_contacts
        ) r
    ) c
)
