-- The demo's devices.
copy user_devices
    (id, user_id, device_name, phone, jid, status, platform, min_delay_seconds, max_delay_seconds, created_at, updated_at)
from stdin
