-- The steps of the demo's sequences.
copy sequence_steps
    (id, sequence_id, day_number, trigger_delay_hours, message_type, content)
from stdin
