-- Whose sequences there may be.
select u.user_id as id from user_devices u where u.user_id is not null
union
select q.user_id from sequences q where q.user_id is not null
order by id
limit 100;
