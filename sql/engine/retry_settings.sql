-- How often and after how long a message is tried again. NULL: not set, or not readable, so that a slip of the pen
-- in a setting never stops a worker.
with given as (
    select s.name, s.value #>> '{}' as said
    from seqconsole.settings s
    where s.scope = 'default' and s.key = '' and s.name in ('retry_tries', 'retry_first', 'retry_longest', 'breaker_after')
),
readable as (
    select name,
           case when said ~ '^[0-9]{1,4}$' then said::int end as number,
           case when said ~* '^([0-9]{1,6} ?(s|secs?|seconds?|m|mins?|minutes?|h|hours?|days?)|[0-9]{1,4}:[0-5][0-9](:[0-5][0-9])?)$'
                then said::interval end as span
    from given
)
select max(number) filter (where name = 'retry_tries') as tries,
       max(span) filter (where name = 'retry_first') as first,
       max(span) filter (where name = 'retry_longest') as longest,
       max(number) filter (where name = 'breaker_after') as breaker_after
from readable;
