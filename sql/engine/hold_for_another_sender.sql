-- Ten minutes from the last sight of another sender; it ends by itself when that one has stopped.
insert into seqconsole.holds as h (scope, key, holder, reason, until, since)
values ('all', '', 'another sender', 'another sender is at work', :'now'::timestamptz + interval '10 minutes',
        :'now'::timestamptz)
on conflict (scope, key, holder) do update
set until = excluded.until, since = case when h.until <= :'now'::timestamptz then excluded.since else h.since end;
