-- The key of a person by any spelling of the phone; NULL where it can't be one.
select seqconsole.phone_key(:'text') collate "C" as key;
