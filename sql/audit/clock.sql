-- The clock of a database without ours, and the zone in which its sessions write times without one.
select clock_timestamp() as now,
       coalesce((select reset_val from pg_settings where name = 'TimeZone'), 'UTC') as zone;
