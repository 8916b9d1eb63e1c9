-- Lines of a span that are left out, in their order.
select a.line, a.phone, a.verdict
from seqconsole.arrivals a
where a.batch = :'batch'::uuid and a.line > :'after'::bigint and a.line <= :'last'::bigint and a.verdict <> 'again'
order by a.line;
