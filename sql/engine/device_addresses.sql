-- What chooses a device's gateway, and how it is called there. Hosted gateways keep their token in jid: a secret.
select id as device_id, coalesce(platform::text, '') as platform, coalesce(jid::text, '') as jid
from user_devices;
