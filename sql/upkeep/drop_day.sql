-- Drops one day of attempts.
select seqconsole.drop_partition(:'day'::date);
