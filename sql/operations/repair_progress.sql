-- What open work remembers of its last attempt: forgotten where a repair starts anew, and kept for its undo.
with before as materialized (
    select p.track, p.phone_key, p.run, p.attempt_id, p.claimed_at, p.tries
    from seqconsole.progress p
    join unnest(:'tracks'::uuid[], :'phones'::text[]) as w(track, phone_key)
      on p.track = w.track and p.phone_key = (w.phone_key collate "C") and p.run = 1
    where (p.attempt_id is not null or p.tries > 0) and p.state <> 's'
),
written as (
    update seqconsole.progress p
    set attempt_id = null, claimed_at = null, tries = 0
    from before b
    where p.track = b.track and p.phone_key = b.phone_key and p.run = b.run
)
insert into seqconsole.operation_rows (operation_id, unit, rel, row_id, before, after)
select :'operation'::bigint, concat_ws('|', track, phone_key, run), 'seqconsole.progress',
       concat_ws('|', track, phone_key, run),
       json_build_object('attempt_id', attempt_id, 'claimed_at', claimed_at, 'tries', tries),
       json_build_object('attempt_id', null, 'claimed_at', null, 'tries', 0)
from before;
