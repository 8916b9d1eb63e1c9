-- Where a repair starts anew, open work forgets its last attempt and its tries.
with tried as materialized (
    select q.track, q.phone_key
    from unnest(:'tracks'::uuid[], :'phones'::text[]) as w(track, phone_key)
    cross join lateral (
        select *
        from seqconsole.progress p
        where p.track = w.track and p.phone_key = (w.phone_key collate "C") and p.run = 1
        offset 0
    ) q
    where (q.attempt_id is not null or q.tries > 0) and q.state <> 's'
)
update seqconsole.progress p
set attempt_id = null, claimed_at = null, tries = 0
from tried t
where p.track = t.track and p.phone_key = t.phone_key and p.run = 1;
