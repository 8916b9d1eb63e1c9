-- Devices are named by text in one table.
alter table broadcast_messages alter column device_id type varchar(64);
select x, x from (values ('broadcast_messages.device_id')) v (x);
