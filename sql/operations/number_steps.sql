-- The day numbers that put steps in their order.
update sequence_steps s set day_number = n.day from unnest(:'ids'::uuid[], :'days'::int[]) as n(id, day) where s.id = n.id;
