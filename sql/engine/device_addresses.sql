-- What chooses a device's gateway, and how it is called there. Hosted gateways keep their token in jid: a secret. Both
-- columns may be missing.
select u.id as device_id, coalesce(to_jsonb(u) ->> 'platform', '') as platform, coalesce(to_jsonb(u) ->> 'jid', '') as jid
from user_devices u;
