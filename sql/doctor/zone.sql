-- The declared zone of naive times against the data: what was sent or written can't lie in the future.
with
-- include: doctor/ahead
, judged as materialized (
    select a.*, k.naive, current_setting('TimeZone') as assumed,
           (select reset_val from pg_settings where name = 'TimeZone') as server_zone,
           -- what is past can't lie ahead, so the true offset is this much at least
           (:'now'::timestamptz at time zone current_setting('TimeZone') - :'now'::timestamptz at time zone 'UTC')
               + (a.latest - :'now'::timestamptz) - interval '5 minutes' as least_offset
    from ahead a, kept k
    where cardinality(k.naive) > 0 and (a.is_zone or :'declared' = '')
),
proposed as (
    select j.*, case when j.is_zone then (
               select z.name from pg_timezone_names z
               where z.utc_offset between j.least_offset and j.least_offset + interval '1 hour'
                 and z.name !~ '^(posix|right|Etc|SystemV)/'
               order by z.utc_offset, z.name <> j.server_zone,
                        array_position(array['UTC', 'Asia/Kuala_Lumpur', 'Asia/Jakarta', 'Asia/Kolkata', 'Asia/Dubai',
                            'Africa/Lagos', 'Europe/London', 'Europe/Berlin', 'Africa/Johannesburg', 'America/Sao_Paulo',
                            'America/Mexico_City', 'America/New_York', 'America/Chicago', 'America/Los_Angeles'], z.name),
                        z.name
               limit 1)
           when j.newest > :'now'::timestamptz - interval '15 minutes' then j.assumed
           when j.server_zone not in ('UTC', 'Etc/UTC', 'GMT') then j.server_zone end as zone
    from judged j
)
select 1::bigint as total, naive as ids, null::text as phone,
       case when :'declared' = '' then 'no zone is declared; read as ' else 'declared is ' end || assumed
           || case when is_zone then format(', and by it the newest of them lies %s ahead of the clock',
                                            date_trunc('minute', newest - :'now'::timestamptz))
                   when newest is null then ', and no message says otherwise'
                   else format(', and by it the newest of them is %s old',
                               date_trunc('minute', :'now'::timestamptz - newest)) end
           || coalesce('; the data suggest ' || zone, '; the data do not tell') as detail,
       'seqconsole migrate --timezone ' || coalesce(zone, 'YOUR/ZONE') as statement
from proposed;
