-- Add the deltas of the feed to the counters and stamp the version that consoles ask for.
with delta as (
    select d ->> 0 as scope, (d ->> 1)::uuid as key, (d ->> 2)::uuid as step_id, d ->> 3 as state,
           sum((d ->> 4)::bigint) as n
    from unnest(:'deltas'::jsonb[]) as entry(e), jsonb_array_elements(e) as d
    group by 1, 2, 3, 4
    having sum((d ->> 4)::bigint) <> 0
),
version as materialized (select nextval('seqconsole.version') as v)
insert into seqconsole.counters as c (scope, key, step_id, state, n, version)
select scope, key, step_id, state, n, v from delta, version
on conflict (scope, key, step_id, state) do update
set n = c.n + excluded.n, version = excluded.version;
