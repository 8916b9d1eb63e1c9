-- Take a portion of the feed: counters, which cost nothing, the oldest entries that name few rows, and of those that
-- name many so few that a bulk of one writer lets what others did through. They are gone only if this transaction
-- commits. bulk = 0: the oldest, whatever it is.
with waiting as materialized (
    select id, case when :'bulk'::int = 0 then 'few' when kind = 'counters' then 'none'
                    when pg_column_size(ids) > 1000 then 'many' else 'few' end as rows
    from seqconsole.changes
    order by id
    limit 20000
),
chosen as (
    (select id from waiting where rows = 'none' order by id limit 1000)
    union all
    (select id from waiting where rows = 'few' order by id limit :'limit'::int)
    union all
    (select id from waiting where rows = 'many' order by id 
     limit :'bulk'::int * case when exists (select 1 from waiting where rows = 'few') then 1 else 5 end)
)
delete from seqconsole.changes
where id = any(array(select c.id from seqconsole.changes c where c.id in (select id from chosen) for update skip locked))
returning id, kind, ids, tracks, phones, delta::text as delta, detail::text as detail;
