-- Work in doubt is not derived anew: its outcome must find the row that is left.
with wanted as materialized (
    select g.unit, g.removed, g.survivor
    from unnest(:'units'::text[], :'removed'::uuid[], :'survivors'::uuid[]) as g(unit, removed, survivor)
),
changed as (
    update seqconsole.progress p
    set contact_id = w.survivor
    from wanted w
    where p.track = any(:'tracks'::uuid[]) and p.phone_key = any(:'phones'::text[]) and p.contact_id = w.removed
      and p.state = 'u'
    returning w.unit, p.track, p.phone_key, p.run, w.removed, w.survivor
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, unit, 'seqconsole.progress', track || '|' || phone_key || '|' || run,
       json_build_object('contact_id', removed), json_build_object('contact_id', survivor)
from changed;
