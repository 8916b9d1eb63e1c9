-- What a command staged is gone with it; so is what one left behind that was killed.
delete from seqconsole.arrivals
where batch = :'batch'::uuid or at < clock_timestamp() - interval '1 day';
