-- Resume, lift without the wait: a holder's holds are removed, each with its place in the journal.
with removed as (
    delete from seqconsole.holds h
    where h.scope = :'scope' and h.key = any(:'keys'::text[]) and h.holder = :'holder'
    returning h.*
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, scope || '|' || key, 'seqconsole.holds', scope || '|' || key || '|' || holder,
       row_to_json(removed), null
from removed;
