-- Which of these people nobody has suppressed yet.
select k.key
from (select distinct key collate "C" as key from unnest(:'keys'::text[]) as x(key)) k
where not exists (select 1 from seqconsole.holds h
                   where h.scope = 'contact' and h.key = k.key and h.holder = 'suppression' and h.until = 'infinity')
order by k.key;
