-- When no engine was at work since a moment, the latest first; one that still lasts has no end. Nothing is known of the
-- time before the first stretch that was recorded.
with stretch as (
    select began, max(ended) over (order by began rows between unbounded preceding and 1 preceding) as before_it
    from seqconsole.engine_runs
    where ended >= :'since'::timestamptz - interval '1 year'
),
gap as (
    select before_it as from_at, began as to_at from stretch where began > before_it + interval '30 seconds'
    union all
    select max(ended), null from seqconsole.engine_runs having max(ended) < :'now'::timestamptz - interval '30 seconds'
)
select greatest(from_at, :'since'::timestamptz) as from_at, to_at
from gap
where coalesce(to_at, :'now'::timestamptz) > :'since'::timestamptz
order by from_at desc
limit 200;
