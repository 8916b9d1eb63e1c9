-- Today in the declared zone, and the day from which on attempts are kept where older ones have gone (else NULL).
with kept as (
    select :'now'::timestamptz - greatest(
        coalesce((select seqconsole.as_interval(s.value #>> '{}') from seqconsole.settings s
                   where s.scope = 'default' and s.key = '' and s.name = 'attempts_retention'), interval '90 days'),
        coalesce((select max(d.send_window) from seqconsole.devices d), interval '0') + interval '3 days') as since
)
select :'now'::timestamptz::date as today,
       case when coalesce(seqconsole.setting('adopted_at')::timestamptz, '-infinity') < since then since::date end
           as attempts_from
from kept;
