-- Rows without an id, or with another row's: a unique index on id could not be built.
select count(*) from (
    select count(*) over (partition by id) as n, id from broadcast_messages
) x where n > 1 or id is null;
