-- Seconds until the next step falls due (negative: it is overdue); NULL: none has a time.
select extract(epoch from nullif(min(at), 'infinity') - :'now'::timestamptz)::float8 as seconds
from seqconsole.progress
where state = 'w';
