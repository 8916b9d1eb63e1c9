-- From when messages may be sent again.
update broadcast_messages m set scheduled_at = :'at'::timestamptz where m.id = any(:'ids'::uuid[]);
