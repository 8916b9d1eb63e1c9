-- Remove contact rows; they are whole in the archive (journal_removed).
delete from sequence_contacts where id = any(:'ids'::uuid[]);
