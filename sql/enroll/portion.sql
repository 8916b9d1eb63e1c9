-- People of the next lines of a batch, judged before. A span of lines, not a number of rows: without statistics of a table
-- that was filled just now, a LIMIT would be found by sorting the whole batch.
select a.line, a.phone_key as phone, a.verdict = 'again' as again
from seqconsole.arrivals a
where a.batch = :'batch'::uuid and a.line > :'after'::bigint and a.line <= :'last'::bigint
  and (a.verdict is null or a.verdict = 'again')
order by a.line;
