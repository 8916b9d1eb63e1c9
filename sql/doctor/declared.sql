-- What an adopted database says of itself, and what statuses of another application mean here.
select seqconsole.now() as now, coalesce(seqconsole.setting('timezone'), '') as zone,
       coalesce(seqconsole.setting('country'), '') as country,
       array(select code from seqconsole.codes where source = 'foreign' and meaning = 'sent') as sent,
       array(select code from seqconsole.codes where source = 'foreign' and meaning = 'unknown') as doubtful,
       array(select code from seqconsole.codes where source = 'foreign') as known;
