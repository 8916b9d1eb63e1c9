-- The demo's contact rows: one a contact and step, and the duplicates.
copy sequence_contacts
    (id, sequence_id, contact_phone, contact_name, current_step, sequence_stepid, status, next_trigger_time,
     completed_at, assigned_device_id, processing_device_id, processing_started_at, last_error, retry_count, user_id)
from stdin (freeze)
