-- The step that is due longest and can't be queued: later again. Where the operator's tables refuse it, its gate says
-- so, and a finding of its sequence says why (find_unclaimable clears it).
with aside as (
    update seqconsole.progress p
    set at = :'now'::timestamptz + :'wait'::interval, gate = coalesce(:'gate'::text, p.gate)
    from (select track, phone_key, run from seqconsole.progress
          where state = 'w' and at <= :'now'::timestamptz
          order by at limit 1 for update skip locked) d
    where p.track = d.track and p.phone_key = d.phone_key and p.run = d.run
    returning p.sequence_id, p.contact_id
)
insert into seqconsole.findings as f (kind, key, ids, detail, since, version)
select 'unclaimable', 'refused|' || a.sequence_id || '|w', array[a.contact_id],
       jsonb_build_object('scope', 'refused step', 'name', coalesce(q.name::text, ''), 'why', :'why'::text),
       :'now'::timestamptz, nextval('seqconsole.version')
from aside a
left join sequences q on q.id = a.sequence_id
where :'gate'::text = 'refused'
on conflict (kind, key) do update
set ids = (excluded.ids || array_remove(f.ids, excluded.ids[1]))[1:20], detail = excluded.detail, version = excluded.version
where not excluded.ids <@ f.ids or f.detail is distinct from excluded.detail;
