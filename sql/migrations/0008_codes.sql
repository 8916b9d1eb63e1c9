-- locks: none on the operator's tables.
-- What a status of another application means for a message (DESIGN 4): doubtful ones are in doubt.

insert into seqconsole.codes (source, code, meaning, cites, as_of) values
    ('foreign', 'pending', 'pending', 'DESIGN 4', '2026-11-24'),
    ('foreign', 'sent', 'sent', 'DESIGN 4', '2026-11-24'),
    ('foreign', 'success', 'sent', 'DESIGN 8', '2026-11-24'),
    ('foreign', 'delivered', 'sent', 'DESIGN 8', '2026-11-24'),
    ('foreign', 'failed', 'failed', 'DESIGN 4', '2026-11-24'),
    ('foreign', 'error', 'failed', 'DESIGN 8', '2026-11-24'),
    ('foreign', 'skipped', 'skipped', 'DESIGN 4', '2026-11-24'),
    ('foreign', 'cancelled', 'skipped', 'DESIGN 8', '2026-11-24'),
    ('foreign', 'expired', 'skipped', 'DESIGN 8', '2026-11-24'),
    ('foreign', 'processing', 'unknown', 'DESIGN 8', '2026-11-24'),
    ('foreign', 'queued', 'unknown', 'DESIGN 8', '2026-11-24'),
    ('foreign', 'sending', 'unknown', 'DESIGN 8', '2026-11-24');
