-- People of a sequence who wait behind a failed step.
select count(*) as n from seqconsole.progress p where p.track = :'sequence'::uuid and p.gate = 'failed';
