-- What is set for replies: by default, by sequence, and the words that mean stop.
select scope, key, name, value
from seqconsole.settings
where scope = 'default' and key = '' and name in ('on_reply', 'stop_words')
   or scope = 'sequence' and name = 'on_reply'
order by scope, key, name;
