-- The next portion of the queue's rows, by id.
select id from broadcast_messages
where id > :'after'::uuid
order by id
limit :'limit'::int;
