-- The word that brought these people in is taken from their one lead each; its other words stay as they are written.
with came as materialized (
    select l.id, l.trigger::text as words, a.phone_key, q.trigger::text as word
    from seqconsole.arrivals a
    join leads l on l.id = a.lead
    join sequences q on q.id = :'sequence'::uuid
    where a.batch = :'batch'::uuid and a.line between :'first'::bigint and :'last'::bigint and a.line = any(:'lines'::bigint[])
    for update of l skip locked
),
taken as (
    update leads l
    set trigger = (select nullif(string_agg(t.word, ',' order by t.nth), '')
                   from unnest(string_to_array(c.words, ',')) with ordinality as t(word, nth)
                   where lower(btrim(t.word)) <> lower(btrim(c.word)))
    from came c
    where l.id = c.id
    returning l.id, l.trigger::text as words
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, :'sequence'::uuid || '|' || c.phone_key, 'leads', c.id::text,
       json_build_object('trigger', c.words), json_build_object('trigger', t.words)
from came c
join taken t using (id);
