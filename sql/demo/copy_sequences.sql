-- The demo's sequences.
copy sequences
    (id, user_id, name, status, is_active, min_delay_seconds, max_delay_seconds, trigger, created_at, updated_at)
from stdin
