-- The queue, most interesting first: in doubt, sending, failed (newest first), pending (due first). Each state is read
-- per device from the index seqconsole_message_device; with many devices the first of each, so that the cost stays
-- O(devices), whatever the queue's length. Without a state, failed ones take at most half of the page.
with device as materialized (
    select u.id from user_devices u where :'device_id'::uuid is null or u.id = :'device_id'::uuid
),
each as materialized (
    select least(:'limit'::int, greatest(1, 4000 / greatest(count(*), 1)))::int as n from device
),
wanted (state, rank, top) as (
    select * from (values ('unknown', 1, :'limit'::int), ('sending', 2, :'limit'::int),
                          ('failed', 3, case when :'state'::text is null then :'limit'::int / 2 else :'limit'::int end),
                          ('pending', 4, :'limit'::int), ('skipped', 5, :'limit'::int), ('sent', 6, :'limit'::int)) v (state, rank, top)
    where case when :'state'::text is null then rank <= 4 else state = :'state'::text end
),
open_doubt as (
    select * from wanted where state in ('unknown', 'sending')
)
select 1;
