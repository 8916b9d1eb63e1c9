-- The WhatsApp account of each device. Hosted gateways keep their token in the same column: those are never read.
select id as device_id, jid
from user_devices
where jid collate "C" ~ '^[0-9]{5,20}(:[0-9]{1,5})?@s\.whatsapp\.net$';
