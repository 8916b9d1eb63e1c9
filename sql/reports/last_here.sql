-- When an operator was last here: looking at a console, or changing something. NULL: never.
select greatest((select (s.value #>> '{}')::timestamptz from seqconsole.settings s
                  where s.scope = 'operator' and s.key = :'who' and s.name = 'seen_at'),
                (select o.at from seqconsole.operations o where o.who = :'who' order by o.id desc limit 1)) as at;
