-- The coming week's partitions of attempts.
select seqconsole.make_partitions((:'now'::timestamptz at time zone 'UTC')::date, 8);
