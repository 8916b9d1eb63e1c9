-- Contact rows of skipped steps.
update sequence_contacts c
set status = 'skipped', last_error = :'reason'
where c.id = any(:'ids'::uuid[]) and lower(c.status::text) in ('pending', 'active');
