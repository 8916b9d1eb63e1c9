-- How many lines of a batch go in, and how many are left out, by the reason.
select a.verdict, count(*) as n, min(a.line) as first_line,
       count(*) filter (where not starts_with(a.phone_key, coalesce(nullif(seqconsole.setting('country'), ''), a.phone_key))) as abroad
from seqconsole.arrivals a
where a.batch = :'batch'::uuid
group by a.verdict
order by n desc, a.verdict;
