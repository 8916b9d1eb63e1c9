-- Surplus messages of a group: only what is still pending, that is unclaimed.
update broadcast_messages m
set status = 'skipped', error_message = :'reason', updated_at = :'now'::timestamptz
where m.id = any(:'ids'::uuid[]) and lower(m.status::text) = 'pending';
