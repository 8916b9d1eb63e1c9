-- Slots without chance, for pictures.
update user_devices set min_delay_seconds = 10, max_delay_seconds = 10;
