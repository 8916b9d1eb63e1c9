-- Until when the open messages of these steps are worth sending, by the setting of today.
update seqconsole.progress p
set expires_at = p.due_at + (select seqconsole.as_interval(s.value #>> '{}') from seqconsole.settings s
                              where s.scope = 'step' and s.key = p.step_id::text and s.name = 'valid_for')
where p.step_id = any(:'steps'::uuid[]) and p.state in ('w', 'r');
