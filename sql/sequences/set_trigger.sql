-- The word that lets people in.
update sequences set trigger = :'trigger' where id = :'sequence'::uuid;
