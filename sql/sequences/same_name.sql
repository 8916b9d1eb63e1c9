-- Has this user a sequence of that name?
select exists (select 1 from sequences q where q.user_id = :'user'::uuid and lower(q.name::text) = lower(:'title')) as found;
