-- Is another sender at work while ours is switched on?
select seqconsole.setting('engine') = 'on' and exists (
    select 1 from seqconsole.findings
    where kind = 'another sender' and since > :'now'::timestamptz - interval '1 minute') as seen;
