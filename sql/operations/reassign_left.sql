-- What of a device stays with it whatever is moved: in flight, in doubt, given up.
select (select count(*) from seqconsole.progress p
         where p.state = 's' and p.device_id = :'device'::uuid
           and (:'sequence'::uuid is null or p.sequence_id = :'sequence'::uuid)) as in_flight,
       (select count(*) from seqconsole.progress p
         where p.state = 'u' and p.device_id = :'device'::uuid
           and (:'sequence'::uuid is null or p.sequence_id = :'sequence'::uuid)) as in_doubt,
       (select count(*) from seqconsole.progress p
         where p.state = 'f' and p.device_id = :'device'::uuid
           and (:'sequence'::uuid is null or p.sequence_id = :'sequence'::uuid)) as given_up;
