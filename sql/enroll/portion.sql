-- The next people of a batch, judged before; line 0 is none.
select a.line, a.phone_key as phone, a.verdict = 'again' as again
from seqconsole.arrivals a
where a.batch = :'batch'::uuid and a.line > :'after'::bigint and (a.verdict is null or a.verdict = 'again')
order by a.line
limit :'limit'::int;
