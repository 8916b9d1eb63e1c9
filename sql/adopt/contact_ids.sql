-- The next portion of contact rows, by id.
select id from sequence_contacts
where id > :'after'::uuid
order by id
limit :'limit'::int;
