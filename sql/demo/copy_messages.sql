-- The demo's messages: what was sent, failed, waits in the queue or is in doubt.
copy broadcast_messages
    (id, user_id, device_id, sequence_id, sequence_stepid, recipient_phone, recipient_name, message_type, content,
     status, error_message, scheduled_at, sent_at, created_at, updated_at)
from stdin (freeze)
