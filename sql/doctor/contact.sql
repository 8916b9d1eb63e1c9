-- Contact rows with their person: the phone key, else the phone as it is written. Included into a WITH.
contact as not materialized (
    select r.*, coalesce(
-- include: audit/phone_key
        , btrim(phone)) collate "C" as person
    from (
        select id, sequence_id, sequence_stepid as step_id, current_step, lower(status::text) as status,
               contact_phone::text as phone, next_trigger_time::timestamptz as due,
               processing_started_at::timestamptz as started, assigned_device_id as device_id, user_id
        from sequence_contacts
    ) r
)
