-- Sequences; see contacts.sql. `resting` ones send nothing by their owner's will.
sequences as not materialized (
    select r.id::text collate "C" as id, r.name::text as name,
           coalesce(not r.is_active::boolean, false)
               or coalesce(lower(r.status::text) not in ('active', 'running', 'started'), false) as resting
    from (values (null::text, null::text, null::boolean)) as missing (name, status, is_active)
    cross join lateral (select id, name, status, is_active from sequences) r
)
