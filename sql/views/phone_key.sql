-- The person that a typed number means, by this database's country.
select seqconsole.phone_key(:'phone'::text);
