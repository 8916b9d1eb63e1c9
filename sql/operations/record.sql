-- One line of the journal: who, when, what, why (DESIGN 6).
insert into seqconsole.operations (at, who, verb, reason, target, pinned, n, summary, undoes)
values (:'now'::timestamptz, :'who', :'verb', :'reason', :'target'::jsonb, :'pinned', :'n'::int, :'summary',
        :'undoes'::bigint)
returning id;
