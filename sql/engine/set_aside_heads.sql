-- Messages that the operator's tables refuse to make `sending`: later again, behind the gate 'refused'; a finding of
-- their sequence says why (find_unclaimable clears it).
with aside as (
    update seqconsole.progress p
    set at = :'now'::timestamptz + :'wait'::interval, gate = 'refused'
    from (select p.track, p.phone_key, p.run, x.why
          from unnest(:'ids'::uuid[], :'whys'::text[]) as x(id, why)
          join seqconsole.progress p on p.message_id = x.id
          where p.state = 'r'
          order by p.track, p.phone_key, p.run
          for update of p skip locked) d
    where p.track = d.track and p.phone_key = d.phone_key and p.run = d.run
    returning p.sequence_id, p.message_id, d.why
),
found as (
    insert into seqconsole.findings as f (kind, key, ids, detail, since, version)
    select 'unclaimable', 'refused|' || a.sequence_id || '|r', (array_agg(a.message_id order by a.message_id))[1:20],
           jsonb_build_object('scope', 'refused', 'name', coalesce(max(q.name::text), ''), 'why', max(a.why)),
           :'now'::timestamptz, nextval('seqconsole.version')
    from aside a
    left join sequences q on q.id = a.sequence_id
    group by a.sequence_id
    on conflict (kind, key) do update
    set ids = excluded.ids, detail = excluded.detail, version = excluded.version
    where (f.ids, f.detail) is distinct from (excluded.ids, excluded.detail)
)
select count(*) from aside;
